#pragma once

#include "gl_objects.h"
#include "rig_scene.h"

namespace tha4 {

/// Samples of a pixel: textures are filtered, and only the edges of triangles are resolved to samples, which
/// costs a quarter of drawing at twice the size and averaging.
inline constexpr int kSamples = 4;

/// Makes frames of what a RigScene drew with kSamples samples a pixel.
class FrameResolver {
 public:
  FrameResolver();

  /// What of surfaces (RigScene::draw_surfaces()) is needed for motion.
  struct Surfaces {
    const GlTarget& posed;    ///< of the size of the samples
    const GlTarget& at_rest;  ///< of the whole frame of the expression, at any size
  };

  /// Fills the part of \p target whose corner is \p corner and whose size is that of \p samples. Its picture
  /// 0 takes colours and its picture 1, if \p surfaces is given, motions (see kResolveFragmentShader).
  /// \p view is that of the whole target.
  void resolve(const GlTarget& samples, const Surfaces* surfaces, const GlTarget& target, glm::ivec2 corner,
               const RigView& view) const;

 private:
  GlProgram program_;
  GlVertexArray no_vertices_;
};

}  // namespace tha4
