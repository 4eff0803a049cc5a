#include <algorithm>
#include <array>

#include "blend_weights_regression.h"
#include "sample_pictures.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/distill/blendshape_training.h"
#include "tha4/distill/local_basis.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

/// Largest alpha in a tile below which what is drawn there is not worth a basis.
constexpr double kMinAppearance = 0.05;
/// Share of a tile that must be covered in some frame for the tile to have a flow.
constexpr double kMinCover = 5e-4;

/// Indices of the tiles where \p values [tiles] exceeds \p min; at least one tile.
at::Tensor tiles_above(const at::Tensor& values, double min) {
  const auto tiles = torch::nonzero(values > min).view({-1});
  return tiles.size(0) > 0 ? tiles : values.argmax().view({1});
}

/// How much of each tile the character covers in the frame where it covers most.
at::Tensor tile_cover(const TeacherFrames& frames, int tile_pixels) {
  torch::Tensor cover;
  for (std::int64_t i = 0; i < frames.blended.size(0); ++i) {
    const auto alpha = frames.blended[i].narrow(0, 3, 1).to(torch::kFloat32) * 0.5 + 0.5;
    const auto covered = torch::avg_pool2d(alpha, tile_pixels).flatten();
    cover = i == 0 ? covered : torch::maximum(cover, covered);
  }
  return cover;
}

/// Makes \p map the mean and the principal components of \p values [N, C, S, S] and returns its weights'
/// targets.
BlendWeightsTarget analyse(TiledBlendshape& map, const at::Tensor& values, const at::Tensor& tiles,
                           const LocalBasis& local) {
  map->mean.copy_(values.mean(0));
  map->tiles.copy_(tiles);
  map->basis.copy_(local.basis);
  BlendWeightsTarget target{map->weights, local.weights.transpose(0, 1).flatten(1).contiguous()};
  scale_to_targets(target);
  return target;
}

LocalBasis tile_components(const at::Tensor& values, const at::Tensor& tiles, int tile_size, int basis_size) {
  return principal_components(cut_into_tiles(values - values.mean(0), tile_size).index_select(0, tiles),
                              basis_size);
}

/// The MLPs, and the bases.
std::vector<Adam::Group> tuned_groups(const BlendshapeBodyRotator& network,
                                      const std::vector<BlendWeightsTarget>& targets) {
  return {parameters_of(targets), {network->flow->basis, network->appearance->basis}};
}

}  // namespace

BlendshapeBodyTraining::BlendshapeBodyTraining(TeacherFrames frames, const at::Tensor& rest_image,
                                               const BlendshapeBodyConfig& config, c10::Device device)
    : config_(config), frames_(std::move(frames)), rest_image_(rest_image.to(device)) {
  const torch::NoGradGuard no_grad;
  const int tile_pixels = config.tile_size * (kImageSize / config.map_size);
  const auto flow_tiles = tiles_above(tile_cover(frames_, tile_pixels), kMinCover);
  const auto largest_alpha = std::get<0>(frames_.appearance.select(1, 0).max(0)).unsqueeze(0);
  const auto appearance_tiles =
      tiles_above(torch::max_pool2d(largest_alpha, config.tile_size).flatten(), kMinAppearance);
  const auto flow = tile_components(frames_.flow, flow_tiles, config.tile_size, config.flow_basis_size);
  const auto appearance =
      tile_components(frames_.appearance, appearance_tiles, config.tile_size, config.appearance_basis_size);

  const auto options = [&](int channels, const LocalBasis& local) {
    return TiledBlendshapeOptions{.channels = channels,
                                  .tiles = static_cast<int>(local.basis.size(0)),
                                  .basis_size = static_cast<int>(local.basis.size(1)),
                                  .size = config.map_size,
                                  .tile_size = config.tile_size,
                                  .width = config.width,
                                  .hidden_layers = config.hidden_layers};
  };
  const SeededScope seeded(config.seed);
  network_ = BlendshapeBodyRotator(BlendshapeBodyOptions{options(2, flow), options(5, appearance)});
  targets_.push_back(analyse(network_->flow, frames_.flow, flow_tiles, flow));
  targets_.push_back(analyse(network_->appearance, frames_.appearance, appearance_tiles, appearance));
  for (BlendWeightsTarget& target : targets_) {
    target.weights->input_scale.narrow(0, 0, kFacePoseSize).fill_(config.face_input_scale);
  }
  network_->to(device);
  move_targets(targets_, device);
  regression_optimizer_.emplace(parameters_of(targets_), config.regression.adam);
  tuning_optimizer_.emplace(tuned_groups(network_, targets_), config.fine_tuning.adam);
  // The maps themselves are not needed any more: tuning looks at frames.
  frames_.flow = torch::Tensor();
  frames_.appearance = torch::Tensor();
  frames_.poses = frames_.poses.to(device);
  frames_.faces = frames_.faces.to(device);
  frames_.blended = frames_.blended.to(device);
}

std::int64_t BlendshapeBodyTraining::total_examples() const {
  return config_.regression.examples + config_.fine_tuning.examples;
}

TrainingStep BlendshapeBodyTraining::step(std::int64_t examples_seen) {
  if (examples_seen >= config_.regression.examples) return tune(examples_seen);
  TrainingStep step = regression_step(targets_, frames_.poses, *regression_optimizer_, config_.regression,
                                      config_.seed, examples_seen);
  // The first tuning step begins at the same count in every run, whatever the batch.
  step.examples = std::min(step.examples, config_.regression.examples - examples_seen);
  return step;
}

FrameWindow BlendshapeBodyTraining::draw_window(std::uint64_t seed) const {
  const int cell = kImageSize / config_.map_size;
  const int across = config_.map_size / config_.tile_size;
  const int window = config_.fine_tuning.window_tiles;
  const auto& tiles = network_->flow->tiles;
  const auto drawn = draw_indices(seed, 3, 1 << 30);
  const auto tile = tiles[drawn[0] % tiles.size(0)].item<std::int64_t>();
  const auto first = [&](std::int64_t at, std::int64_t back) {
    return static_cast<int>(std::clamp<std::int64_t>(at - back % window, 0, across - window));
  };
  const int tile_pixels = config_.tile_size * cell;
  // One cell less on all sides, so that bilinear sampling touches no tile beyond the window.
  return {kImageSize,
          {first(tile % across, drawn[1]) * tile_pixels + cell,
           first(tile / across, drawn[2]) * tile_pixels + cell, window * tile_pixels - 2 * cell,
           window * tile_pixels - 2 * cell}};
}

TrainingStep BlendshapeBodyTraining::tune(std::int64_t examples_seen) {
  const FineTuningConfig& tuning = config_.fine_tuning;
  const std::uint64_t seed = step_seed(config_.seed, examples_seen);
  const auto rows =
      torch::tensor(draw_indices(seed, tuning.batch, frames_.poses.size(0))).to(frames_.poses.device());
  const FrameWindow window = draw_window(step_seed(seed, 1));
  const auto poses = frames_.poses.index_select(0, rows);
  const auto image =
      paste(rest_image_.unsqueeze(0), frames_.faces.index_select(0, rows).to(torch::kFloat32), kFaceCrop);

  const RotatedBody body = network_->rotate(image, poses, window);
  const Region& region = window.region;
  const auto expected = frames_.blended.narrow(2, region.y, region.height)
                            .narrow(3, region.x, region.width)
                            .index_select(0, rows)
                            .to(torch::kFloat32);
  const auto final = (body.blended - expected).abs().mean();
  const auto flow_error = targets_[0].weights->forward(poses) - targets_[0].targets.index_select(0, rows);
  const auto flow = (flow_error / targets_[0].weights->output_scale).square().mean();
  const auto loss = final + tuning.flow_weight * flow;

  const std::int64_t seen = examples_seen - config_.regression.examples;
  tuning_optimizer_->zero_grad();
  loss.backward();
  tuning_optimizer_->step(std::array{tuning.network_learning_rate.at(seen, tuning.examples),
                                     tuning.basis_learning_rate.at(seen, tuning.examples)});
  return {tuning.batch, {{"loss", loss.detach()}, {"final", final.detach()}, {"flow", flow.detach()}}};
}

TrainingState BlendshapeBodyTraining::state() const {
  TrainingState state;
  state.network = state_dict_of(*network_);
  add_part(state.optimizer, "regression.", regression_optimizer_->state());
  add_part(state.optimizer, "tuning.", tuning_optimizer_->state());
  return state;
}

void BlendshapeBodyTraining::restore(const TrainingState& state, const std::string& source) {
  load_state_dict(*network_, state.network, source);
  regression_optimizer_->restore(part_of(state.optimizer, "regression."), source);
  tuning_optimizer_->restore(part_of(state.optimizer, "tuning."), source);
}

TrainingParts BlendshapeBodyTraining::parts() {
  return {.sample = [this] { return sample(); }};
}

RgbaImage BlendshapeBodyTraining::sample() {
  const torch::NoGradGuard no_grad;
  const auto count = std::min<std::int64_t>(kSampledPoses, frames_.poses.size(0));
  const auto image =
      paste(rest_image_.unsqueeze(0), frames_.faces.narrow(0, 0, count).to(torch::kFloat32), kFaceCrop);
  const auto body = network_->rotate(image, frames_.poses.narrow(0, 0, count), FrameWindow{});
  return comparison_sheet(frames_.blended.narrow(0, 0, count), body.blended);
}

}  // namespace tha4
