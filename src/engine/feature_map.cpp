#include "feature_map.h"

#include <algorithm>

namespace tha4 {
namespace {

/// Of values: whole tiles.
int whole_tiles(int length) {
  return (length + kTileLength - 1) / kTileLength * kTileLength;
}

}  // namespace

void FeatureMap::resize(int size, int channels) {
  size_ = size;
  channels_ = channels;
  stride_ = static_cast<std::size_t>(whole_tiles(size) + 2 * kMargin);
  // Tiles that reach beyond the frame are read to their end, in the last row too.
  values_.resize(stride_ * static_cast<std::size_t>(size) * static_cast<std::size_t>(channels) + kTileLength);
}

void FeatureMap::fill_margins(int y) {
  for (int channel = 0; channel < channels_; ++channel) {
    float* const values = row(y, channel);
    values[-1] = values[0];
    values[size_] = values[size_ - 1];
  }
}

void FeatureMap::write_tile(int x, int y, int side, const float* values) {
  for (int channel = 0; channel < channels_; ++channel) {
    for (int line = y; line < y + side; ++line, values += side) {
      float* const cells = row(line, channel);
      std::copy_n(values, side, cells + x);
      if (x == 0) cells[-1] = cells[0];
      if (x + side == size_) cells[size_] = cells[size_ - 1];
    }
  }
}

std::vector<AxisSample> axis_samples(int size, int resolution) {
  std::vector<AxisSample> samples(static_cast<std::size_t>(resolution));
  for (int i = 0; i < resolution; ++i) {
    const double coordinate = std::clamp((i + 0.5) * size / resolution - 0.5, 0.0, size - 1.0);
    const int cell = static_cast<int>(coordinate);
    samples[static_cast<std::size_t>(i)] = {cell, static_cast<float>(coordinate - cell)};
  }
  return samples;
}

}  // namespace tha4
