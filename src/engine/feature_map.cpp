#include <algorithm>
#include <cmath>

#include "siren_kernels.h"

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
  values_.resize(stride_ * static_cast<std::size_t>(size) * static_cast<std::size_t>(channels));
}

void FeatureMap::fill_margins(int y) {
  for (int channel = 0; channel < channels_; ++channel) {
    float* const values = row(y, channel);
    values[-1] = values[0];
    values[size_] = values[size_ - 1];
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

TileScratch::TileScratch(const SirenProgram& program) {
  int outputs = 0, cells = 0;
  for (const SirenProgramLevel& level : program.levels) {
    outputs = std::max(outputs, level.first.outputs + 1);
    for (const FixedPointLayer& layer : level.sine_layers)
      outputs = std::max(outputs, layer.padded_outputs());
    cells = std::max(cells, level.size);
  }
  for (auto& sines : sines_) {
    sines = hwy::AllocateAligned<std::int16_t>(static_cast<std::size_t>(outputs * kTileLength));
    std::fill_n(sines.get(), outputs * kTileLength, std::int16_t{0});
  }
  cells_.resize(static_cast<std::size_t>(cells + 2 * kTileLength + 4 * FeatureMap::kMargin));
}

}  // namespace tha4
