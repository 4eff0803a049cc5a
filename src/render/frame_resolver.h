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
    const GlTarget& posed;    ///< of the size of the frame
    const GlTarget& at_rest;  ///< of the whole frame of the expression, at any size
  };

  /// Fills \p target, whose picture 0 takes colours and picture 1, if \p surfaces is given, motions (see
  /// kResolveFragmentShader).
  void resolve(const GlTarget& samples, const Surfaces* surfaces, const GlTarget& target,
               const RigView& view) const;

 private:
  GlProgram program_;
  GlVertexArray no_vertices_;
};

}  // namespace tha4
