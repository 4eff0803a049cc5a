#include <algorithm>
#include <array>

#include "blend_weights_regression.h"
#include "blended_loss.h"
#include "body_motion.h"
#include "body_tuner.h"
#include "moving_loss.h"
#include "sample_pictures.h"
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/distill/blendshape_training.h"
#include "tha4/distill/local_basis.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

/// Largest alpha in a tile below which what is drawn there is not worth a basis.
constexpr double kMinAppearance = 0.05;
/// Fraction of a tile that must be covered in some frame for the tile to have a flow.
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

/// The mean of maps over the frames, without a copy of them in float32.
at::Tensor mean_map(const at::Tensor& values) {
  return values.sum(0, /*keepdim=*/false, torch::kFloat32) / static_cast<double>(values.size(0));
}

/// Makes \p map the mean and the principal components of \p values [N, C, S, S] and returns its weights'
/// targets.
BlendWeightsTarget analyse(TiledBlendshape& map, const at::Tensor& values, const at::Tensor& tiles,
                           const LocalBasis& local) {
  map->mean.copy_(mean_map(values));
  map->tiles.copy_(tiles);
  map->basis.copy_(local.basis);
  BlendWeightsTarget target{map->weights, local.weights.transpose(0, 1).flatten(1).contiguous()};
  scale_to_targets(target);
  return target;
}

/// The principal components of each of \p tiles, a few at a time: maps of all frames take much memory.
LocalBasis tile_components(const at::Tensor& values, const at::Tensor& tiles, int tile_size, int basis_size) {
  const std::int64_t across = values.size(3) / tile_size;
  std::vector<at::Tensor> bases, weights;
  for (std::int64_t i = 0; i < tiles.size(0); ++i) {
    const auto tile = tiles[i].item<std::int64_t>();
    const auto samples = values.narrow(2, tile / across * tile_size, tile_size)
                             .narrow(3, tile % across * tile_size, tile_size)
                             .to(torch::kFloat32)
                             .flatten(1);
    const LocalBasis local = principal_components((samples - samples.mean(0)).unsqueeze(0), basis_size);
    bases.push_back(local.basis);
    weights.push_back(local.weights);
  }
  return {torch::cat(bases), torch::cat(weights)};
}

/// The MLPs, and the bases.
std::vector<Adam::Group> tuned_groups(const BlendshapeBodyRotator& network,
                                      const std::vector<BlendWeightsTarget>& targets) {
  Adam::Group bases{network->flow->basis, network->appearance->basis};
  if (network->motion) bases.push_back(network->motion->basis);
  return {parameters_of(targets), bases};
}

/// The principal components of whole maps [N, C, S, S], as a single tile.
LocalBasis whole_components(const at::Tensor& values, int basis_size) {
  return tile_components(values, torch::zeros({1}, torch::kLong), static_cast<int>(values.size(3)),
                         basis_size);
}

/// What the components of \p local give of the maps [N, C, S, S] that they were made from.
at::Tensor in_components(const at::Tensor& values, const LocalBasis& local) {
  return mean_map(values) + local.weights[0].matmul(local.basis[0]).view(values.sizes());
}

/// Maps as the components of their tiles give them.
class TilesInComponents {
 public:
  /// \param local  the components of the tiles \p tiles of \p values [N, C, S, S]
  TilesInComponents(const at::Tensor& values, const at::Tensor& tiles, int tile_size, const LocalBasis& local)
      : tiles_(tiles), tile_size_(tile_size), local_(local), mean_(mean_map(values)) {}

  /// Row \p row of the values: [1, C, S, S].
  at::Tensor draw(std::int64_t row) const {
    const std::int64_t across = mean_.size(2) / tile_size_;
    const auto added = torch::bmm(local_.weights.narrow(1, row, 1), local_.basis);
    at::Tensor map = mean_.clone();
    for (std::int64_t i = 0; i < tiles_.size(0); ++i) {
      const auto tile = tiles_[i].item<std::int64_t>();
      map.narrow(1, tile / across * tile_size_, tile_size_)
          .narrow(2, tile % across * tile_size_, tile_size_)
          .add_(added[i].view({mean_.size(0), tile_size_, tile_size_}));
    }
    return map.unsqueeze(0);
  }

 private:
  at::Tensor tiles_;
  int tile_size_;
  LocalBasis local_;
  at::Tensor mean_;
};

/// The mean square of the error of blend weights, in units of what they shall be.
at::Tensor weights_error(const at::Tensor& weights, const BlendWeightsTarget& target,
                         const at::Tensor& rows) {
  return ((weights - target.targets.index_select(0, rows)) / target.weights->output_scale).square().mean();
}

}  // namespace

BlendshapeBodyTraining::BlendshapeBodyTraining(TeacherFrames frames, const at::Tensor& rest_image,
                                               const BlendshapeBodyConfig& config, c10::Device device)
    : config_(config) {
  const torch::NoGradGuard no_grad;
  at::Tensor motions, motions_in_basis, cover;
  LocalBasis motion;
  if (config.motion_size > 0) {
    motions = fit_motions(frames, config.motion_size);
    motion = whole_components(motions, config.motion_basis_size);
    motions_in_basis = in_components(motions, motion);
    cover = torch::avg_pool2d(attach_flow(frames, motions_in_basis), config.tile_size).flatten();
  } else {
    cover = tile_cover(frames, config.tile_size * (kImageSize / config.map_size));
  }
  const auto flow_tiles = tiles_above(cover, kMinCover);
  const auto flow = tile_components(frames.flow, flow_tiles, config.tile_size, config.flow_basis_size);
  if (config.motion_size > 0) {
    const TilesInComponents drawn(frames.flow, flow_tiles, config.tile_size, flow);
    keep_what_warping_leaves(frames, rest_image, motions_in_basis,
                             [&](std::int64_t frame) { return drawn.draw(frame); });
    attach_appearance(frames, motions_in_basis);
  }
  const auto largest_alpha =
      std::get<0>(frames.appearance.select(1, 0).max(0)).unsqueeze(0).to(torch::kFloat32);
  const auto appearance_tiles =
      tiles_above(torch::max_pool2d(largest_alpha, config.appearance_tile()).flatten(), kMinAppearance);
  const auto appearance = tile_components(frames.appearance, appearance_tiles, config.appearance_tile(),
                                          config.appearance_basis_size);

  const auto options = [&](int channels, const LocalBasis& local, int size, int tile_size) {
    return TiledBlendshapeOptions{.channels = channels,
                                  .tiles = static_cast<int>(local.basis.size(0)),
                                  .basis_size = static_cast<int>(local.basis.size(1)),
                                  .size = size,
                                  .tile_size = tile_size,
                                  .width = config.width,
                                  .hidden_layers = config.hidden_layers};
  };
  const SeededScope seeded(config.seed);
  BlendshapeBodyOptions sizes{
      .flow = options(2, flow, config.map_size, config.tile_size),
      .appearance = options(5, appearance, config.appearance_map(), config.appearance_tile())};
  if (motions.defined()) sizes.motion = options(2, motion, config.motion_size, config.motion_size);
  network_ = BlendshapeBodyRotator(sizes);
  targets_.push_back(analyse(network_->flow, frames.flow, flow_tiles, flow));
  targets_.push_back(analyse(network_->appearance, frames.appearance, appearance_tiles, appearance));
  if (motions.defined()) {
    targets_.push_back(analyse(network_->motion, motions, torch::zeros({1}, torch::kLong), motion));
  }
  for (BlendWeightsTarget& target : targets_) {
    target.weights->input_scale.narrow(0, 0, kFacePoseSize).fill_(config.face_input_scale);
  }
  network_->to(device);
  move_targets(targets_, device);
  regression_optimizer_.emplace(parameters_of(targets_), config.regression.adam);
  tuning_optimizer_.emplace(tuned_groups(network_, targets_), config.fine_tuning.adam);
  poses_ = frames.poses.to(device);
  frames_ = std::make_unique<BlendedFrames>(frames, rest_image, device);
  const auto shown = std::min<std::int64_t>(kSampledPoses, frames_->count());
  shown_faces_ = frames.faces.narrow(0, 0, shown).to(device, torch::kFloat32);
  shown_ = frames.blended.narrow(0, 0, shown).to(device, torch::kFloat32);
}

BlendshapeBodyTraining::~BlendshapeBodyTraining() = default;

std::int64_t BlendshapeBodyTraining::total_examples() const {
  return config_.regression.examples + config_.fine_tuning.examples;
}

TrainingStep BlendshapeBodyTraining::step(std::int64_t examples_seen) {
  if (examples_seen >= config_.regression.examples) return tune(examples_seen);
  TrainingStep step = regression_step(targets_, poses_, *regression_optimizer_, config_.regression,
                                      config_.seed, examples_seen);
  // The first tuning step begins at the same count in every run, whatever the batch.
  step.examples = std::min(step.examples, config_.regression.examples - examples_seen);
  return step;
}

TrainingStep BlendshapeBodyTraining::tune(std::int64_t examples_seen) {
  const FineTuningConfig& tuning = config_.fine_tuning;
  const auto rows = draw_indices(step_seed(config_.seed, examples_seen), tuning.batch, frames_->count());
  const auto chosen = torch::tensor(rows).to(poses_.device());
  const auto poses = poses_.index_select(0, chosen);
  BodyBlendWeights weights{
      {}, network_->flow->weights->forward(poses), network_->appearance->weights->forward(poses)};
  torch::Tensor flow = weights_error(weights.flow, targets_[0], chosen);
  if (network_->motion) {
    weights.motion = network_->motion->weights->forward(poses);
    flow = flow + weights_error(weights.motion, targets_[2], chosen);
  }
  const std::int64_t seen = examples_seen - config_.regression.examples;
  const double rate = tuning.basis_learning_rate.at(seen, tuning.examples);
  tuning_optimizer_->zero_grad();
  const torch::Tensor blended = poses_.is_cpu()
                                    ? tune_bases(weights, rows, tuning.flow_weight * flow, seen, rate)
                                    : differentiate_all(weights, rows, tuning.flow_weight * flow);
  tuning_optimizer_->step(std::array{tuning.network_learning_rate.at(seen, tuning.examples), rate});
  const auto loss = blended + tuning.flow_weight * flow;
  return {tuning.batch, {{"loss", loss.detach()}, {"blended", blended}, {"flow", flow.detach()}}};
}

at::Tensor BlendshapeBodyTraining::tune_bases(const BodyBlendWeights& weights,
                                              const std::vector<std::int64_t>& rows,
                                              const at::Tensor& other_loss, std::int64_t seen, double rate) {
  const FineTuningConfig& tuning = config_.fine_tuning;
  if (!tuner_) {
    tuner_ = std::make_unique<BodyTuner>(network_, *frames_, tuning.batch, usual_threads());
  }
  const TunedPixels pixels{tuning.squared_weight, tuning.row_step, seen / tuning.batch};
  const TunedBody tuned = tuner_->step(weights, rows, pixels, *tuning_optimizer_, rate);
  std::vector<at::Tensor> roots{other_loss, weights.flow, weights.appearance};
  std::vector<at::Tensor> gradients{torch::ones_like(other_loss), tuned.gradients.flow,
                                    tuned.gradients.appearance};
  if (network_->motion) {
    roots.push_back(weights.motion);
    gradients.push_back(tuned.gradients.motion);
  }
  torch::autograd::backward(roots, gradients);
  return torch::tensor(static_cast<float>(tuned.loss));
}

at::Tensor BlendshapeBodyTraining::differentiate_all(const BodyBlendWeights& weights,
                                                     const std::vector<std::int64_t>& rows,
                                                     const at::Tensor& other_loss) {
  const double squared_weight = config_.fine_tuning.squared_weight;
  torch::Tensor blended;
  if (network_->motion) {
    blended = moving_loss_by_layers(network_, weights, *frames_, rows, squared_weight);
  } else {
    const auto drawn = [&](TiledBlendshape& map, const torch::Tensor& of_map) {
      return map->draw(of_map, sampled_cells(map->options().size, frames_->window()));
    };
    blended = blended_loss_by_layers({.flow = drawn(network_->flow, weights.flow),
                                      .appearance = drawn(network_->appearance, weights.appearance),
                                      .flow_size = config_.map_size,
                                      .appearance_size = config_.appearance_map()},
                                     *frames_, rows, squared_weight);
  }
  (blended + other_loss).backward();
  return blended.detach();
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
  return {.sample = [this] {
    const at::Tensor images = paste(frames_->rest_image().unsqueeze(0), shown_faces_, kFaceCrop);
    return body_sample(*network_, {poses_.narrow(0, 0, shown_.size(0)), shown_, images});
  }};
}

}  // namespace tha4
