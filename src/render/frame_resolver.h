#pragma once

#include "gl_objects.h"
#include "rig_scene.h"

namespace tha4 {

/// Samples of a pixel along each side.
inline constexpr int kSamples = 2;

/// Makes frames of what a RigScene drew at kSamples times their size.
class FrameResolver {
 public:
  FrameResolver();

  /// Fills \p target, whose picture 0 takes colours and picture 1, if \p surfaces_at_rest is given, motions
  /// (see kResolveFragmentShader). \p view is that of the target.
  void resolve(const GlTarget& samples, const GlTarget* surfaces_at_rest, const GlTarget& target,
               const RigView& view) const;

 private:
  GlProgram program_;
  GlVertexArray no_vertices_;
};

}  // namespace tha4
