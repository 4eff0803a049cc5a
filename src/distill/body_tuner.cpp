#include "body_tuner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tile_kernels.h"
#include <torch/types.h>

namespace tha4 {
namespace {

/// The tiles of \p map, [tiles][channels][side][side], of a whole map [channels, size, size].
at::Tensor tiles_of(const at::Tensor& whole, const TiledBlendshapeOptions& options, const at::Tensor& tiles) {
  const std::int64_t side = options.tile_size, across = options.size / side;
  return whole.detach()
      .view({options.channels, across, side, across, side})
      .permute({1, 3, 0, 2, 4})
      .reshape({across * across, options.channels, side, side})
      .index_select(0, tiles);
}

TileStep step_of(const AdamConfig& config, double rate, double steps) {
  const double first = 1 - std::pow(config.beta1, steps), second = 1 - std::pow(config.beta2, steps);
  return {.beta1 = static_cast<float>(config.beta1),
          .beta2 = static_cast<float>(config.beta2),
          .kept = static_cast<float>(1 - rate * config.weight_decay),
          .rate = static_cast<float>(rate / first),
          .correction = static_cast<float>(std::sqrt(second)),
          .epsilon = static_cast<float>(Adam::kEpsilon)};
}

}  // namespace

/// Memory of a thread.
struct BodyTuner::Scratch {
  std::vector<float> tile;
  std::vector<float> image;              ///< the rest image with a face, [512][512][4]
  std::vector<float> row, row_gradient;  ///< of the motion
};

/// A tiled blendshape with the maps of a batch. Of five channels, the first has a map of its own, so that
/// colours are vectors.
class BodyTuner::Map {
 public:
  Map(const TiledBlendshape& map, int batch)
      : map_(map),
        places_(map->tiles.contiguous()),
        means_(tiles_of(map->mean, map->options(), map->tiles).contiguous()) {
    const int channels = map->options().channels;
    if (channels % 2 == 1) add_cells(map->mean.narrow(0, 0, 1), batch);
    add_cells(map->mean.narrow(0, channels % 2, channels - channels % 2), batch);
  }

  int size() const { return map_->options().size; }
  int tiles() const { return map_->options().tiles; }
  std::size_t scratch_floats(int batch) const {
    return tile_scratch_floats(batch, static_cast<int>(map_->basis.size(2)), map_->options().basis_size);
  }

  /// What the next step works with.
  void begin(const at::Tensor& weights, Adam& adam, double rate) {
    weights_ = weights.detach().contiguous();
    gradients_ = torch::empty_like(weights_);
    moments_ = adam.moments_of(map_->basis);
    moments_.step.add_(1);
    step_ = step_of(adam.config(), rate, moments_.step.item<double>());
  }

  void draw(int tile, float* scratch) const { draw_tile(tuned(tile), scratch); }
  void tune(int tile, float* scratch) const { tune_tile(tuned(tile), step_, scratch); }

  float* cells(int group, int pose) const {
    return at_pose(cells_[static_cast<std::size_t>(group)].values, pose);
  }
  float* gradients(int group, int pose) const {
    return at_pose(cells_[static_cast<std::size_t>(group)].gradients, pose);
  }
  const at::Tensor& weight_gradients() const { return gradients_; }

 private:
  /// Maps of all poses, [batch, size, size, channels], and their gradients.
  struct Cells {
    at::Tensor values, gradients;
  };

  static float* at_pose(const at::Tensor& maps, int pose) {
    return maps.data_ptr<float>() + pose * maps.stride(0);
  }

  void add_cells(const at::Tensor& mean, int batch) {
    const auto values = mean.detach().permute({1, 2, 0}).unsqueeze(0).repeat({batch, 1, 1, 1}).contiguous();
    cells_.push_back({values, torch::zeros_like(values)});
  }

  TunedTile tuned(int tile) const {
    const TiledBlendshapeOptions& options = map_->options();
    const auto of_tile = [&](const at::Tensor& tensor) {
      return tensor.data_ptr<float>() + tile * tensor.stride(0);
    };
    TunedTile result{.poses = static_cast<int>(weights_.size(0)),
                     .images = options.basis_size,
                     .side = options.tile_size,
                     .channels = options.channels,
                     .mean = of_tile(means_),
                     .basis = of_tile(map_->basis),
                     .first_moments = of_tile(moments_.exp_avg),
                     .second_moments = of_tile(moments_.exp_avg_sq),
                     .weights = weights_.data_ptr<float>() + tile * options.basis_size,
                     .weight_gradients = gradients_.data_ptr<float>() + tile * options.basis_size,
                     .weights_of_pose = weights_.size(1)};
    const auto place = static_cast<int>(places_.data_ptr<std::int64_t>()[tile]);
    const int across = options.size / options.tile_size;
    const std::ptrdiff_t first =
        (static_cast<std::ptrdiff_t>(place / across) * options.size + place % across) * options.tile_size;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const at::Tensor& values = cells_[i].values;
      const auto channels = static_cast<int>(values.size(3));
      result.groups[i] = {.channels = channels,
                          .cells = values.data_ptr<float>() + first * channels,
                          .gradients = cells_[i].gradients.data_ptr<float>() + first * channels,
                          .row = values.stride(1),
                          .pose = values.stride(0)};
    }
    return result;
  }

  TiledBlendshape map_;
  at::Tensor places_;  ///< int64 [tiles]
  at::Tensor means_;   ///< [tiles, channels, side, side]
  std::vector<Cells> cells_;
  at::Tensor weights_, gradients_;  ///< [poses, tiles * images]
  Adam::Moments moments_;
  TileStep step_;
};

BodyTuner::BodyTuner(const BlendshapeBodyRotator& body, const BlendedFrames& frames, int batch, int threads)
    : frames_(frames), rest_(frames.rest_image().permute({1, 2, 0}).contiguous()), workers_(threads) {
  const torch::NoGradGuard no_grad;
  maps_.push_back(std::make_unique<Map>(body->appearance, batch));
  maps_.push_back(std::make_unique<Map>(body->flow, batch));
  if (body->motion) maps_.push_back(std::make_unique<Map>(body->motion, batch));
  const int motion_size = body->motion ? maps_[2]->size() : 1;
  if (!body->motion) no_motion_.resize(static_cast<std::size_t>(batch) * 4);
  const Region& region = frames.window().region;
  columns_ = places_of(region.x, region.width, motion_size, 0);
  rows_ = places_of(region.y, region.height, motion_size, 0);
  scratch_.resize(static_cast<std::size_t>(workers_.threads()));
  for (Scratch& scratch : scratch_) {
    for (const auto& map : maps_) {
      scratch.tile.resize(std::max(scratch.tile.size(), map->scratch_floats(batch)));
    }
    scratch.image.assign(rest_.data_ptr<float>(), rest_.data_ptr<float>() + rest_.numel());
    scratch.row.resize(static_cast<std::size_t>(motion_size) * 2);
    scratch.row_gradient.resize(scratch.row.size());
  }
}

BodyTuner::~BodyTuner() = default;

void BodyTuner::for_tiles(const std::function<void(Map& map, int tile, Scratch& scratch)>& work) {
  std::int64_t tiles = 0;
  for (const auto& map : maps_) tiles += map->tiles();
  workers_.run(tiles, [&](std::int64_t task, int thread) {
    std::size_t i = 0;
    while (task >= maps_[i]->tiles()) task -= maps_[i++]->tiles();
    work(*maps_[i], static_cast<int>(task), scratch_[static_cast<std::size_t>(thread)]);
  });
}

double BodyTuner::compare(int pose, std::int64_t row, int poses, const TunedPixels& pixels,
                          Scratch& scratch) {
  const BlendedFrames& frames = frames_;
  const Region& region = frames.window().region;
  paste_face(frames.faces().data_ptr<std::int16_t>() + row * frames.faces().stride(0), scratch.image);
  const Map &appearance = *maps_[0], &flow = *maps_[1];
  const double fraction =
      pixels.row_step / (static_cast<double>(poses) * kColors * region.width * region.height);
  MovingFrame frame{.image = scratch.image.data(),
                    .region = region,
                    .expected = frames.blended().data_ptr<std::int16_t>() + row * frames.blended().stride(0),
                    .columns = columns_.data(),
                    .rows = rows_.data(),
                    .spans = frames.spans().data(),
                    .first_row = static_cast<int>((pixels.first_row + pose) % pixels.row_step),
                    .row_step = pixels.row_step,
                    .row = scratch.row.data(),
                    .row_gradient = scratch.row_gradient.data(),
                    .gradient = static_cast<float>(fraction),
                    .squared_gradient = static_cast<float>(fraction * pixels.squared_weight)};
  frame.maps = {.flow = flow.cells(0, pose),
                .alpha = appearance.cells(0, pose),
                .drawn = appearance.cells(1, pose),
                .flow_gradient = flow.gradients(0, pose),
                .alpha_gradient = appearance.gradients(0, pose),
                .drawn_gradient = appearance.gradients(1, pose),
                .motion_size = 1,
                .flow_size = flow.size(),
                .appearance_size = appearance.size()};
  if (maps_.size() > 2) {
    frame.maps.motion = maps_[2]->cells(0, pose);
    frame.maps.motion_gradient = maps_[2]->gradients(0, pose);
    frame.maps.motion_size = maps_[2]->size();
  } else {
    frame.maps.motion = no_motion_.data() + static_cast<std::ptrdiff_t>(pose) * 4;
    frame.maps.motion_gradient = no_motion_.data() + static_cast<std::ptrdiff_t>(pose) * 4 + 2;
  }
  return compare_frame(frame);
}

TunedBody BodyTuner::step(const BodyBlendWeights& weights, const std::vector<std::int64_t>& rows,
                          const TunedPixels& pixels, Adam& adam, double rate) {
  const torch::NoGradGuard no_grad;
  maps_[0]->begin(weights.appearance, adam, rate);
  maps_[1]->begin(weights.flow, adam, rate);
  if (maps_.size() > 2) maps_[2]->begin(weights.motion, adam, rate);
  for_tiles([](Map& map, int tile, Scratch& scratch) { map.draw(tile, scratch.tile.data()); });
  // Added up in the order of the frames, so that threads make no difference.
  std::vector<double> losses(rows.size());
  workers_.run(std::ssize(rows), [&](std::int64_t i, int thread) {
    const auto at = static_cast<std::size_t>(i);
    losses[at] = compare(static_cast<int>(i), rows[at], static_cast<int>(rows.size()), pixels,
                         scratch_[static_cast<std::size_t>(thread)]);
  });
  for_tiles([](Map& map, int tile, Scratch& scratch) { map.tune(tile, scratch.tile.data()); });
  TunedBody result{.loss = std::accumulate(losses.begin(), losses.end(), 0.0)};
  result.gradients.appearance = maps_[0]->weight_gradients();
  result.gradients.flow = maps_[1]->weight_gradients();
  if (maps_.size() > 2) result.gradients.motion = maps_[2]->weight_gradients();
  return result;
}

}  // namespace tha4
