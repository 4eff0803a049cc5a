#pragma once

#include <array>

#include "frame_drawer.h"

namespace tha4 {

/// What a poser gives of one frame, on the graphics device. All pictures are single planes (GL_R32F); images
/// are four of them in [-1, 1], as image tensors hold them.
struct SplitFrame {
  const GlTarget* warped;   ///< pictures 0 to 3
  const GlTarget* blended;  ///< pictures 0 to 3; picture 4: the fraction of the drawn colour, in [0, 1]
  const GlTarget* direct;   ///< pictures 0 to 3; pictures 4 and 5: the flow, x and y
  const GlTarget* face;     ///< pictures 0 to 3, kFaceCrop
  Region region;            ///< of all but the face, that was asked for
};

/// Splits drawn frames into what the rest image explains and what it does not. Its context must be current
/// whenever it is used, and when it is destroyed.
class FrameSplitter {
 public:
  /// Takes its rest image from what \p drawer draws.
  explicit FrameSplitter(FrameDrawer& drawer);

  /// The rest image as planes, pictures 0 to 3.
  const GlTarget& rest_planes();

  /// \p frame was drawn with flow and face. The result is overwritten by the next call.
  SplitFrame split(const DrawnFrame& frame);

  /// Pictures 0 to 3 are the colours of \p drawn as planes. Overwritten by the next call for the same size.
  const GlTarget& planes(const GlTarget& drawn);

 private:
  GlProgram warp_;
  GlProgram blend_;
  GlProgram to_planes_;
  GlVertexArray no_vertices_;
  GlTarget rest_;
  ReusedTarget warped_;
  ReusedTarget blended_;
  ReusedTarget direct_;
  ReusedTarget planes_;
};

}  // namespace tha4
