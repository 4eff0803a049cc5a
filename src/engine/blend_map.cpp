#include "blend_map.h"

#include <algorithm>
#include <cmath>

#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

bool is_negligible(const float* values, int count, float negligible) {
  return std::all_of(values, values + count, [&](float value) { return std::abs(value) <= negligible; });
}

}  // namespace

BlendMap::BlendMap(TiledBlendProgram program, int threads)
    : program_(std::move(program)),
      across_(program_.size / program_.tile_size),
      zeros_(static_cast<std::size_t>(across_) * static_cast<std::size_t>(across_)),
      hidden_(static_cast<std::size_t>(program_.hidden.width()) * 2),
      scratches_(static_cast<std::size_t>(threads)) {
  map_.resize(program_.size, program_.channels);
  const int side = program_.tile_size;
  const int values = program_.channels * side * side;
  // Tiles without a basis are drawn here for good.
  for (int place = 0; place < across_ * across_; ++place) {
    BlendTile tile{.x = place % across_ * side, .y = place / across_ * side, .weights = {}, .basis = {}};
    const at::Tensor mean = program_.mean.narrow(1, tile.y, side).narrow(2, tile.x, side).contiguous();
    if (is_negligible(mean.data_ptr<float>(), values, program_.negligible)) {
      set_zero(tile);
    } else {
      write_tile(tile, mean.data_ptr<float>());
    }
  }
  program_.mean = at::Tensor();
  std::size_t outputs = 0, sums = 0;
  for (const BlendTile& tile : program_.tiles) {
    has_zero_mean_.push_back(is_zero(tile));
    outputs = std::max(outputs, static_cast<std::size_t>(tile.weights.outputs));
    sums = std::max(sums, static_cast<std::size_t>(tile.basis.values));
  }
  for (BlendScratch& scratch : scratches_) {
    scratch.weights.resize(outputs);
    scratch.sums.resize(sums);
  }
}

void BlendMap::begin(const float* pose) {
  draw_hidden_layers(program_.hidden, pose, hidden_.data());
}

int BlendMap::choose_tiles(const FrameWindow& window) {
  if (resolution_ != window.resolution) {
    resolution_ = window.resolution;
    samples_ = axis_samples(program_.size, resolution_);
  }
  const Region cells = sampled_cells(program_.size, window).region;
  const int side = program_.tile_size;
  chosen_.clear();
  for (int i = 0; i < static_cast<int>(program_.tiles.size()); ++i) {
    const BlendTile& tile = program_.tiles[static_cast<std::size_t>(i)];
    const bool is_needed = tile.x < cells.x + cells.width && tile.x + side > cells.x &&
                           tile.y < cells.y + cells.height && tile.y + side > cells.y;
    if (is_needed) chosen_.push_back(i);
  }
  return static_cast<int>(chosen_.size());
}

void BlendMap::draw_tile(int index, int thread) {
  const auto number = static_cast<std::size_t>(chosen_[static_cast<std::size_t>(index)]);
  const BlendTile& tile = program_.tiles[number];
  BlendScratch& scratch = scratches_[static_cast<std::size_t>(thread)];
  draw_layer(tile.weights, hidden_.data(), scratch.weights.data());
  const float step = weigh_pairs(tile.basis, scratch.weights.data(), scratch.pairs);
  if (scratch.pairs.empty() && has_zero_mean_[number] != 0) {
    set_zero(tile);
    return;
  }
  sum_bases(tile.basis, scratch.pairs, step, 0, tile.basis.chunks(), scratch.sums.data());
  write_tile(tile, scratch.sums.data());
}

void BlendMap::write_tile(const BlendTile& tile, const float* values) {
  is_zero(tile) = 0;
  const int side = program_.tile_size, size = program_.size;
  for (int channel = 0; channel < program_.channels; ++channel) {
    for (int y = tile.y; y < tile.y + side; ++y, values += side) {
      float* const row = map_.row(y, channel);
      std::copy_n(values, side, row + tile.x);
      if (tile.x == 0) row[-1] = row[0];
      if (tile.x + side == size) row[size] = row[size - 1];
    }
  }
}

void BlendMap::set_zero(const BlendTile& tile) {
  if (is_zero(tile) != 0) return;
  const std::vector<float> zeros(static_cast<std::size_t>(program_.channels) *
                                 static_cast<std::size_t>(program_.tile_size * program_.tile_size));
  write_tile(tile, zeros.data());
  is_zero(tile) = 1;
}

SampledMap BlendMap::samples(int x, int count, int y) const {
  const int side = program_.tile_size;
  const auto tile_after = [&](const AxisSample& sample) {
    return std::min(sample.cell + 1, program_.size - 1) / side;
  };
  const auto at = [&](int i) -> const AxisSample& { return samples_[static_cast<std::size_t>(i)]; };
  const AxisSample& row = at(y);
  bool all_zero = true;
  for (int tile_y = row.cell / side; tile_y <= tile_after(row); ++tile_y) {
    for (int tile_x = at(x).cell / side; tile_x <= tile_after(at(x + count - 1)); ++tile_x) {
      all_zero = all_zero && zeros_[static_cast<std::size_t>(tile_y * across_ + tile_x)] != 0;
    }
  }
  return {.map = all_zero ? nullptr : &map_, .columns = samples_.data(), .row = row};
}

}  // namespace tha4
