#include "tha4/nn/blendshape_body_rotator.h"

#include <cmath>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/frame_sampling.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr int kFlowChannels = 2;
constexpr int kAppearanceChannels = 5;

/// Rows or columns of tiles, `first` up to but without `last`.
struct TileRange {
  int first;
  int last;
  int count() const { return last - first; }
};

TileRange touched_tiles(int begin, int count, int tile_size) {
  return {begin / tile_size, (begin + count - 1) / tile_size + 1};
}

TiledBlendshapeOptions tiled_options_of(const StateDict& state, const std::string& prefix, int channels,
                                        const std::string& source) {
  const auto fail = [&](const std::string& key, const std::string& problem) {
    throw InputError(source + ": " + prefix + key + " " + problem);
  };
  const torch::Tensor& mean = required_tensor(state, prefix + "mean", 3, source);
  const torch::Tensor& basis = required_tensor(state, prefix + "basis", 3, source);
  const torch::Tensor tiles = required_tensor(state, prefix + "tiles", 1, source).to(torch::kLong);
  TiledBlendshapeOptions options{.channels = channels,
                                 .tiles = static_cast<int>(tiles.size(0)),
                                 .basis_size = static_cast<int>(basis.size(1)),
                                 .size = static_cast<int>(mean.size(1))};
  options.tile_size = static_cast<int>(std::lround(std::sqrt(static_cast<double>(basis.size(2)) / channels)));
  if (mean.size(0) != channels) fail("mean", "must have " + std::to_string(channels) + " channels");
  if (options.tile_size < 1 || options.size % options.tile_size != 0 ||
      basis.size(2) != std::int64_t{1} * channels * options.tile_size * options.tile_size) {
    fail("basis", "does not hold square tiles that divide the map");
  }
  const std::int64_t across = options.size / options.tile_size;
  const bool ascending = tiles.size(0) < 2 || (tiles.diff() > 0).all().item<bool>();
  if (!ascending || tiles.min().item<std::int64_t>() < 0 ||
      tiles.max().item<std::int64_t>() >= across * across) {
    fail("tiles", "must be ascending indices of tiles of the map");
  }
  const BlendWeightsOptions weights = blend_weights_options_of(state, prefix + "weights.", source);
  options.width = weights.width;
  options.hidden_layers = weights.hidden_layers;
  return options;
}

}  // namespace

TiledBlendshapeImpl::TiledBlendshapeImpl(const TiledBlendshapeOptions& options)
    : mean(register_parameter("mean", torch::zeros({options.channels, options.size, options.size}))),
      tiles(register_buffer("tiles", torch::arange(options.tiles))),
      basis(register_parameter("basis",
                               torch::zeros({options.tiles, options.basis_size,
                                             options.channels * options.tile_size * options.tile_size}))),
      weights(register_module("weights",
                              BlendWeights(BlendWeightsOptions{.inputs = kPoseSize,
                                                               .outputs = options.tiles * options.basis_size,
                                                               .width = options.width,
                                                               .hidden_layers = options.hidden_layers}))),
      options_(options) {}

torch::Tensor TiledBlendshapeImpl::draw(const torch::Tensor& blend_weights, const FrameWindow& cells) {
  const int side = options_.tile_size;
  const std::int64_t across = options_.size / side;
  const TileRange rows = touched_tiles(cells.region.y, cells.region.height, side);
  const TileRange columns = touched_tiles(cells.region.x, cells.region.width, side);

  const auto tile_row = torch::floor_divide(tiles, across) - rows.first;
  const auto tile_column = tiles.remainder(across) - columns.first;
  const auto touched = torch::nonzero((tile_row >= 0) & (tile_row < rows.count()) & (tile_column >= 0) &
                                      (tile_column < columns.count()))
                           .view({-1});
  const std::int64_t batch = blend_weights.size(0);
  torch::Tensor drawn = torch::zeros({rows.count() * columns.count(), batch, basis.size(2)}, basis.options());
  if (touched.size(0) > 0) {
    const auto touched_weights = blend_weights.view({batch, options_.tiles, options_.basis_size})
                                     .transpose(0, 1)
                                     .index_select(0, touched);
    const auto places = (tile_row * columns.count() + tile_column).index_select(0, touched);
    drawn = drawn.index_copy(0, places, torch::bmm(touched_weights, basis.index_select(0, touched)));
  }
  // [rows, columns, N, C, side, side] -> [N, rows, side, columns, side, C]
  const auto map = drawn.view({rows.count(), columns.count(), batch, options_.channels, side, side})
                       .permute({2, 0, 4, 1, 5, 3})
                       .reshape({batch, rows.count() * side, columns.count() * side, options_.channels});
  const Region& region = cells.region;
  return map.narrow(1, region.y - rows.first * side, region.height)
             .narrow(2, region.x - columns.first * side, region.width) +
         mean.narrow(1, region.y, region.height).narrow(2, region.x, region.width).permute({1, 2, 0});
}

BlendshapeBodyRotatorImpl::BlendshapeBodyRotatorImpl(const BlendshapeBodyOptions& options)
    : flow(register_module("flow", TiledBlendshape(options.flow))),
      appearance(register_module("appearance", TiledBlendshape(options.appearance))) {}

RotatedBody BlendshapeBodyRotatorImpl::rotate(const torch::Tensor& image, const torch::Tensor& poses,
                                              const FrameWindow& window) {
  constexpr double kLeastAlpha = 1e-3;
  const auto draw = [&](TiledBlendshape& map) {
    const FrameWindow cells = sampled_cells(map->options().size, window);
    const auto values = map->draw(map->weights->forward(poses), cells).to(image.dtype());
    return sample_map(values, cells, window).permute({0, 3, 1, 2}).contiguous();
  };
  RotatedBody body;
  body.flow = draw(flow);
  const auto appearance_map = draw(appearance);
  body.alpha = appearance_map.narrow(1, 0, 1).clamp(0, 1);
  const auto drawn = appearance_map.narrow(1, 1, 4);
  body.warped = warp(image, body.flow, window);
  body.blended = (1 - body.alpha) * body.warped + drawn;
  body.direct = drawn / body.alpha.clamp_min(kLeastAlpha);
  return body;
}

BlendshapeBodyOptions blendshape_body_options_of(const StateDict& state, const std::string& source) {
  return {tiled_options_of(state, "flow.", kFlowChannels, source),
          tiled_options_of(state, "appearance.", kAppearanceChannels, source)};
}

}  // namespace tha4
