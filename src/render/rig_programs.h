#pragma once

#include <optional>

#include "gl_objects.h"

namespace tha4 {

/// A program that draws meshes, and where its uniforms are; it does not have all of them.
struct MeshProgram {
  explicit MeshProgram(const char* fragment_shader);
  void use() const { glUseProgram(program.name()); }

  GlProgram program;
  GLint scale, origin, size, outline_width, picture, tint, shade, shade_edge, light, is_lit, cutoff,
      mesh_number;
};

/// The programs that draw rigs. They know nothing of a rig, so that one set serves any number of them: a
/// driver takes longer to compile them than to draw many frames. Each is compiled when it is first asked for.
class RigPrograms {
 public:
  /// Draws colours, of rigs with light or without.
  const MeshProgram& colors(bool has_light);

  /// Draws surfaces (see kSurfaceFragmentShader).
  const MeshProgram& surfaces();

 private:
  std::optional<MeshProgram> lit_colors_;
  std::optional<MeshProgram> unlit_colors_;
  std::optional<MeshProgram> surfaces_;
};

}  // namespace tha4
