#pragma once

#include <array>
#include <span>
#include <vector>

#include "gl_objects.h"
#include "rig_programs.h"
#include "rig_textures.h"

#include "tha4/rig/rig.h"

namespace tha4 {

/// What a target shows of the frame.
struct RigView {
  float scale = 1;         ///< pixels of the target for one of the rest image
  glm::vec2 origin{0, 0};  ///< of the target in the frame, in pixels of the target
};

/// A rig on the graphics device: textures, meshes, and the pose that was uploaded last. Its context must be
/// current whenever it is used, and when it is destroyed.
class RigScene {
 public:
  /// \p rig is sound (check_rig), and outlives the scene. \p lights are those of its textures
  /// (texture_lights()). Throws InputError where the driver does not take one of them.
  RigScene(const Rig& rig, std::span<const TextureLight> lights);

  /// Takes the vertices of a pose, and (source) those of the same expression with the skeleton at rest.
  void upload_posed(const std::vector<PosedMesh>& meshes);
  void upload_source(const std::vector<PosedMesh>& meshes);

  /// Draws the colours of all meshes into \p target, cleared; with \p at_rest, as the skeleton at rest shows
  /// them.
  void draw_colors(RigPrograms& programs, const GlTarget& target, const RigView& view, bool at_rest) const;

  /// The same for their surfaces (see kSurfaceFragmentShader).
  void draw_surfaces(RigPrograms& programs, const GlTarget& target, const RigView& view, bool at_rest) const;

  bool uses_depth() const { return uses_depth_; }

 private:
  struct Part {
    int mesh = 0;
    int layer = 0;
    GLsizei index_count = 0;
    std::size_t first_index = 0;
    GLint first_vertex = 0;
  };
  void upload_meshes();
  void upload(const std::vector<PosedMesh>& meshes, const GlBuffer& positions, const GlBuffer& normals);
  void draw(const MeshProgram& program, const GlTarget& target, const RigView& view, bool at_rest) const;
  void draw_part(const MeshProgram& program, const Part& part, bool as_outline) const;

  const Rig& rig_;
  std::vector<GlTexture> textures_;
  std::vector<bool> repeats_;  ///< whether some mesh goes beyond the edges of that texture
  GlTexture white_;
  std::vector<Part> parts_;  ///< in the order of drawing
  std::size_t vertex_count_ = 0;
  std::vector<glm::vec3> gathered_;  ///< room for upload()
  bool uses_depth_ = false;
  bool has_light_ = false;
  bool has_normals_ = false;
  bool has_colors_ = false;
  GlBuffer posed_, source_, posed_normals_, source_normals_, texture_coordinates_, colors_, indices_;
  GlVertexArray posed_array_, source_array_;
};

}  // namespace tha4
