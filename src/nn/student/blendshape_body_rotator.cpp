#include "tha4/nn/student/blendshape_body_rotator.h"

#include <cmath>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/frame_sampling.h"
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

TiledBlendshapeOptions tiled_options_of(const WeightShapes& shapes, int channels) {
  const std::int64_t size = shapes.size("mean", 1, kImageSize);
  const std::int64_t values = shapes.size("basis", 2, channels * size * size);
  const std::int64_t tile_size = std::lround(std::sqrt(static_cast<double>(values) / channels));
  if (tile_size < 1 || size % tile_size != 0 || values != channels * tile_size * tile_size) {
    shapes.fail("basis", "does not hold square tiles that divide the map");
  }
  const std::int64_t across = size / tile_size;
  const std::int64_t tiles = shapes.size("basis", 0, across * across);
  const std::int64_t basis_size = shapes.size("basis", 1);
  const BlendWeightsOptions weights =
      blend_weights_options_of(shapes.under("weights."), kPoseSize, tiles * basis_size);
  return {.channels = channels,
          .tiles = static_cast<int>(tiles),
          .basis_size = static_cast<int>(basis_size),
          .size = static_cast<int>(size),
          .tile_size = static_cast<int>(tile_size),
          .width = weights.width,
          .hidden_layers = weights.hidden_layers};
}

/// Throws InputError unless the tile indices of \p map, called \p name, are ascending and on the map.
void check_tiles(const TiledBlendshape& map, const std::string& name, const std::string& source) {
  const std::int64_t across = map->options().size / map->options().tile_size;
  const at::Tensor& tiles = map->tiles;
  const bool ascending = tiles.size(0) < 2 || (tiles.diff() > 0).all().item<bool>();
  if (!ascending || tiles.min().item<std::int64_t>() < 0 ||
      tiles.max().item<std::int64_t>() >= across * across) {
    throw InputError(source + ": " + name + ".tiles must be ascending indices of tiles of the map");
  }
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
      appearance(register_module("appearance", TiledBlendshape(options.appearance))) {
  if (options.motion) motion = register_module("motion", TiledBlendshape(*options.motion));
}

RotatorOutput BlendshapeBodyRotatorImpl::rotate(const torch::Tensor& image, const torch::Tensor& poses,
                                                const FrameWindow& window) {
  constexpr double kMinAlpha = 1e-3;
  const auto drawn_map = [&](TiledBlendshape& map, const FrameWindow& cells) {
    return map->draw(map->weights->forward(poses), cells).to(image.dtype());
  };
  const auto at_pixels = [&](TiledBlendshape& map) {
    const FrameWindow cells = sampled_cells(map->options().size, window);
    return sample_map(drawn_map(map, cells), cells, window).permute({0, 3, 1, 2}).contiguous();
  };
  RotatorOutput body;
  torch::Tensor appearance_map;
  if (motion) {
    const auto moved = at_pixels(motion);
    const auto where_it_leads = [&](TiledBlendshape& map) {
      return warp(drawn_map(map, FrameWindow::whole(map->options().size)).permute({0, 3, 1, 2}), moved,
                  window);
    };
    body.flow = moved + where_it_leads(flow);
    appearance_map = where_it_leads(appearance);
  } else {
    body.flow = at_pixels(flow);
    appearance_map = at_pixels(appearance);
  }
  body.alpha = appearance_map.narrow(1, 0, 1).clamp(0, 1);
  const auto drawn = appearance_map.narrow(1, 1, 4);
  body.warped = warp(image, body.flow, window);
  body.blended = (1 - body.alpha) * body.warped + drawn;
  body.direct = drawn / body.alpha.clamp_min(kMinAlpha);
  return body;
}

BlendshapeBodyOptions BlendshapeBodyRotatorImpl::options_of(const WeightShapes& shapes) {
  BlendshapeBodyOptions options{
      .flow = tiled_options_of(shapes.under("flow."), kFlowChannels),
      .appearance = tiled_options_of(shapes.under("appearance."), kAppearanceChannels)};
  if (shapes.has("motion.mean")) options.motion = tiled_options_of(shapes.under("motion."), kFlowChannels);
  return options;
}

void BlendshapeBodyRotatorImpl::check_indices(const std::string& source) const {
  check_tiles(flow, "flow", source);
  check_tiles(appearance, "appearance", source);
  if (motion) check_tiles(motion, "motion", source);
}

}  // namespace tha4
