#include "motion_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

constexpr int kAxes = 2;

/// Cells of a map of \p size, first and last, that may be sampled between two positions of which the whole
/// map is [-1, 1].
std::pair<int, int> sampled_between(float first, float last, int size) {
  const auto cell = [&](float position) {
    const float exact = ((position + 1) * static_cast<float>(size) - 1) / 2;
    return exact > -1 ? std::min(exact, static_cast<float>(size)) : -1;  // what is no number, too
  };
  // One more on either side, for what is rounded.
  const int begin = static_cast<int>(std::floor(cell(first))) - 1;
  const int end = static_cast<int>(std::floor(cell(last))) + 2;
  return {std::clamp(begin, 0, size - 1), std::clamp(end, 0, size - 1)};
}

}  // namespace

MotionRows::MotionRows(TiledBlendProgram program, int threads)
    : map_(std::move(program), threads, FeatureMap()) {}

void MotionRows::draw(const float* pose, const FrameWindow& window) {
  if (samples_.empty() || window_.resolution != window.resolution) {
    samples_ = axis_samples(map_.size(), window.resolution);
    row_size_ = window.resolution + kTileLength;
    rows_.assign(static_cast<std::size_t>(map_.size() * kAxes) * static_cast<std::size_t>(row_size_), 0.0F);
  }
  window_ = window;
  map_.begin(pose);
  const int tiles = map_.choose_tiles(sampled_cells(map_.size(), window).region);
  for (int i = 0; i < tiles; ++i) map_.draw_tile(i, 0);
  const Region cells = sampled_cells(map_.size(), window).region;
  for (int row = cells.y; row < cells.y + cells.height; ++row) {
    for (int axis = 0; axis < kAxes; ++axis) {
      const float* const values = map_.map().row(row, axis);
      float* const to = rows_.data() + (row * kAxes + axis) * row_size_;
      for (int x = window.region.x; x < window.region.x + window.region.width; ++x) {
        const AxisSample& at = samples_[static_cast<std::size_t>(x)];
        to[x] = values[at.cell] * (1 - at.fraction) + values[at.cell + 1] * at.fraction;
      }
    }
  }
}

MotionRow MotionRows::row(int y) const {
  const AxisSample& at = samples_[static_cast<std::size_t>(y)];
  const auto of = [&](int row) { return rows_.data() + row * kAxes * row_size_; };
  return {.upper = of(at.cell),
          .lower = of(std::min(at.cell + 1, map_.size() - 1)),
          .axis = row_size_,
          .fraction = at.fraction};
}

MotionRows::Bounds MotionRows::bounds() const {
  Bounds bounds{};
  const Region cells = sampled_cells(map_.size(), window_).region;
  for (int axis = 0; axis < kAxes; ++axis) {
    bounds.min[axis] = bounds.max[axis] = map_.map().row(cells.y, axis)[cells.x];
    for (int row = cells.y; row < cells.y + cells.height; ++row) {
      const float* const values = map_.map().row(row, axis) + cells.x;
      const auto [min, max] = std::minmax_element(values, values + cells.width);
      bounds.min[axis] = std::min(bounds.min[axis], *min);
      bounds.max[axis] = std::max(bounds.max[axis], *max);
    }
  }
  return bounds;
}

Region MotionRows::cells_led_to(int size) const {
  const Bounds led = bounds();
  const auto centre = [&](int pixel) {
    return (2 * static_cast<float>(pixel) + 1) / static_cast<float>(window_.resolution) - 1;
  };
  const Region& pixels = window_.region;
  const auto [left, right] =
      sampled_between(centre(pixels.x) + led.min[0], centre(pixels.x + pixels.width - 1) + led.max[0], size);
  const auto [top, bottom] =
      sampled_between(centre(pixels.y) + led.min[1], centre(pixels.y + pixels.height - 1) + led.max[1], size);
  return {left, top, right + 1 - left, bottom + 1 - top};
}

}  // namespace tha4
