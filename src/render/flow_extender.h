#pragma once

#include <vector>

#include "gl_objects.h"

namespace tha4 {

/// Continues the flow of a frame smoothly over the pixels that show no surface: the mean of what is known is
/// taken over squares of 2x2 pixels again and again, and what is unknown is filled from the coarser squares,
/// near ones counting most. Known flow is left as it is; where nothing is known, it is 0.
class FlowExtender {
 public:
  FlowExtender();

  /// \p motion is a texture as kResolveFragmentShader makes it, of \p width x \p height pixels. The result's
  /// picture 0 (GL_RG32F) is the flow as docs/files.md defines it, picture 1 (GL_R8) says as 1/255 or 0
  /// whether the surface is hidden at rest. It is overwritten by the next call.
  const GlTarget& extend(GLuint motion, int width, int height);

 private:
  void fit(int width, int height);
  void pull(GLuint fine, const GlTarget& coarse) const;
  void push(GLuint fine, GLuint coarse, const GlTarget& filled, float scale) const;

  GlProgram pull_;
  GlProgram push_;
  GlVertexArray no_vertices_;
  std::vector<GlTarget> pulled_;  ///< from half the size of the frame down to one pixel
  std::vector<GlTarget> filled_;  ///< the same sizes, but for the last, after the frame's own
};

}  // namespace tha4
