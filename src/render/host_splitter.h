#pragma once

#include <vector>

#include "tha4/image/region.h"
#include "tha4/render/rig_renderer.h"

namespace tha4 {

/// Where the outputs of a poser for one frame go: planes of height * width values, one after the other.
struct SplitPlanes {
  float* blended;  ///< 4 planes
  float* alpha;    ///< 1
  float* warped;   ///< 4
  float* direct;   ///< 4
  float* flow;     ///< 2
};

/// Splits drawn frames in the host's memory into what the rest image explains and what it does not; the same
/// as FrameSplitter does on the graphics device, which takes a processor many times as long.
class HostSplitter {
 public:
  /// \p rest is the rest image, as RigFrame::color.
  explicit HostSplitter(std::vector<float> rest);

  /// \p frame was drawn with flow and face, for \p drawn; the outputs are those of \p region of it, in pixels
  /// of the frame. One pixel more on all sides must have been drawn, but where the frame ends.
  void split(const RigFrame& frame, const FrameWindow& drawn, const Region& region,
             const SplitPlanes& planes);

 private:
  std::vector<float> pasted_;   ///< the rest image, with the face of the last frame
  std::vector<float> warped_;   ///< of what was drawn, in light
  std::vector<float> needed_;   ///< fraction of the drawn colour, not softened
  std::vector<float> sums_;     ///< of needed_ over three pixels of a row
  std::vector<float> no_sums_;  ///< a row of zeros, beyond the frame
};

/// Colours as RigFrame holds them as four planes in [-1, 1].
void to_planes(const std::vector<float>& color, float* planes);

}  // namespace tha4
