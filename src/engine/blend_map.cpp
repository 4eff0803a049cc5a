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

template <class Cells>
BlendMap<Cells>::BlendMap(TiledBlendProgram program, int threads, Cells cells)
    : program_(std::move(program)),
      map_(std::move(cells)),
      zeros_(program_.size, program_.tile_size),
      hidden_(static_cast<std::size_t>(program_.hidden.width()) * 2),
      scratches_(static_cast<std::size_t>(threads)) {
  map_.resize(program_.size, program_.channels);
  const int side = program_.tile_size, across = program_.size / side;
  const int values = program_.channels * side * side;
  // Tiles without a basis are drawn here for good.
  for (int place = 0; place < across * across; ++place) {
    BlendTile tile{.x = place % across * side, .y = place / across * side, .weights = {}, .basis = {}};
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
    has_zero_mean_.push_back(zeros_.at(tile.x, tile.y) ? 1 : 0);
    outputs = std::max(outputs, static_cast<std::size_t>(tile.weights.outputs));
    sums = std::max(sums, static_cast<std::size_t>(tile.basis.values));
  }
  for (BlendScratch& scratch : scratches_) {
    scratch.weights.resize(outputs);
    scratch.sums.resize(sums);
  }
}

template <class Cells>
void BlendMap<Cells>::begin(const float* pose) {
  draw_hidden_layers(program_.hidden, pose, hidden_.data());
}

template <class Cells>
int BlendMap<Cells>::choose_tiles(const Region& cells) {
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

template <class Cells>
void BlendMap<Cells>::draw_tile(int index, int thread) {
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

template <class Cells>
void BlendMap<Cells>::write_tile(const BlendTile& tile, const float* values) {
  zeros_.set(tile.x, tile.y, false);
  map_.write_tile(tile.x, tile.y, program_.tile_size, values);
}

template <class Cells>
void BlendMap<Cells>::set_zero(const BlendTile& tile) {
  if (zeros_.at(tile.x, tile.y)) return;
  const std::vector<float> zeros(static_cast<std::size_t>(program_.channels) *
                                 static_cast<std::size_t>(program_.tile_size * program_.tile_size));
  write_tile(tile, zeros.data());
  zeros_.set(tile.x, tile.y, true);
}

template class BlendMap<FeatureMap>;
template class BlendMap<FixedCells>;

StillMap::StillMap(TiledBlendProgram program, int threads)
    : tiles_(std::move(program), threads, FeatureMap()) {}

int StillMap::choose_tiles(const FrameWindow& window) {
  if (resolution_ != window.resolution) {
    resolution_ = window.resolution;
    samples_ = axis_samples(size(), resolution_);
  }
  return tiles_.choose_tiles(sampled_cells(size(), window).region);
}

SampledMap StillMap::samples(int x, int count, int y) const {
  const auto at = [&](int i) -> const AxisSample& { return samples_[static_cast<std::size_t>(i)]; };
  const auto cell_after = [&](int i) { return std::min(at(i).cell + 1, size() - 1); };
  SampledMap samples = all_samples(y);
  if (tiles_.zeros().all(at(x).cell, at(y).cell, cell_after(x + count - 1), cell_after(y))) {
    samples.map = nullptr;
  }
  return samples;
}

SampledMap StillMap::all_samples(int y) const {
  return {.map = &tiles_.map(), .columns = samples_.data(), .row = samples_[static_cast<std::size_t>(y)]};
}

}  // namespace tha4
