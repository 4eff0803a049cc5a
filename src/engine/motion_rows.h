#pragma once

#include <cstddef>
#include <vector>

#include "blend_map.h"

#include "tha4/image/region.h"

namespace tha4 {

/// The motion of a body, drawn for one pose after the other, at all columns of a frame: what is left to do
/// for a pixel is to mix two rows.
class MotionRows {
 public:
  MotionRows(TiledBlendProgram program, int threads);

  /// \param pose  [45]
  void draw(const float* pose, const FrameWindow& window);

  /// At the pixels of the row \p y of the frame.
  MotionRow row(int y) const;

  /// The cells of a map of \p size by \p size that are sampled where the window's pixels lead.
  Region cells_led_to(int size) const;

 private:
  /// What the motion's cells that the window needs lie between, x before y.
  struct Bounds {
    float min[2];
    float max[2];
  };
  Bounds bounds() const;

  BlendMap<FeatureMap> map_;
  FrameWindow window_;
  std::vector<AxisSample> samples_;  ///< of the frame's pixels on the map
  std::ptrdiff_t row_size_ = 0;      ///< of a row's x or y
  std::vector<float> rows_;          ///< [map's rows][2][row_size_]
};

}  // namespace tha4
