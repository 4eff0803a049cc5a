#include <algorithm>

#include "blend_weights_regression.h"
#include "face_inputs.h"
#include "sample_pictures.h"
#include <torch/types.h>

#include "tha4/distill/blendshape_training.h"
#include "tha4/distill/local_basis.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

/// A network whose mean, regions and bases are those of the crops, with the blend weights that its MLPs shall
/// learn.
struct FaceAnalysis {
  BlendshapeFaceMorpher network{nullptr};
  std::vector<BlendWeightsTarget> targets;
};

/// What a component must add to a crop in the middle, as a sum of squares over all its values: less is not
/// worth an image. A hundred times that would be an error of 53 dB.
constexpr double kMinSquares = 2e-7 * 4 * kFaceCrop.width * kFaceCrop.height;

/// \p local, of one place, without the last components where these are hardly anything; at least one.
LocalBasis worthwhile(const LocalBasis& local) {
  const auto squares = local.weights[0].square().mean(0);
  const auto kept = std::max<std::int64_t>(1, (squares > kMinSquares).sum().item<std::int64_t>());
  return {local.basis.narrow(1, 0, kept), local.weights.narrow(2, 0, kept)};
}

/// How the crops [N, 4, 128, 128] differ from their mean at \p pixels: [N, 4 * pixels].
at::Tensor moved_pixels(const at::Tensor& faces, const at::Tensor& mean, const at::Tensor& pixels) {
  return (faces.flatten(2).index_select(2, pixels) - mean.flatten(1).index_select(1, pixels)).flatten(1);
}

/// Few images need no wide MLP.
int width_for(std::int64_t images, int widest) {
  constexpr std::int64_t kNarrowest = 64;
  return static_cast<int>(std::min<std::int64_t>(widest, std::max(kNarrowest, 2 * images)));
}

FaceAnalysis analyse_faces(const TeacherCrops& crops, const BlendshapeFaceConfig& config) {
  const torch::NoGradGuard no_grad;
  const auto regions = find_moving_regions(crops.faces, config.region_threshold, config.region_dilation,
                                           config.region_min_fraction);
  const auto mean = crops.faces.mean(0);
  std::vector<LocalBasis> bases;
  std::vector<BlendshapeRegionOptions> options;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const bool is_rest = i + 1 == regions.size();
    const auto samples = moved_pixels(crops.faces, mean, regions[i]);
    bases.push_back(worthwhile(
        principal_components(samples.unsqueeze(0), is_rest ? config.rest_basis_size : config.basis_size)));
    const auto images = bases.back().basis.size(1);
    options.push_back({.pixels = static_cast<int>(regions[i].size(0)),
                       .basis_size = static_cast<int>(images),
                       .width = width_for(images, config.width),
                       .hidden_layers = config.hidden_layers});
  }

  const auto inputs = moving_inputs(crops.poses, crops.faces, regions);

  FaceAnalysis analysis;
  const SeededScope seeded(config.seed);
  analysis.network = BlendshapeFaceMorpher(options);
  analysis.network->mean.copy_(mean);
  for (std::size_t i = 0; i < regions.size(); ++i) {
    BlendshapeRegion region = analysis.network->region(i);
    region->pixels.copy_(regions[i]);
    region->basis.copy_(bases[i].basis[0]);
    region->weights->input_scale.copy_(inputs[static_cast<std::int64_t>(i)]);
    analysis.targets.push_back({region->weights, bases[i].weights[0]});
    scale_to_targets(analysis.targets.back());
  }
  return analysis;
}

}  // namespace

BlendshapeFaceTraining::BlendshapeFaceTraining(TeacherCrops crops, const BlendshapeFaceConfig& config,
                                               c10::Device device)
    : config_(config), crops_(std::move(crops)) {
  FaceAnalysis analysis = analyse_faces(crops_, config);
  network_ = analysis.network;
  targets_ = std::move(analysis.targets);
  network_->to(device);
  move_targets(targets_, device);
  crops_.poses = crops_.poses.to(device);
  optimizer_.emplace(parameters_of(targets_), config.regression.adam);
}

TrainingStep BlendshapeFaceTraining::step(std::int64_t examples_seen) {
  return regression_step(targets_, crops_.poses.narrow(1, 0, kFacePoseSize), *optimizer_, config_.regression,
                         config_.seed, examples_seen);
}

TrainingState BlendshapeFaceTraining::state() const {
  TrainingState state;
  state.network = state_dict_of(*network_);
  add_part(state.optimizer, "regression.", optimizer_->state());
  return state;
}

void BlendshapeFaceTraining::restore(const TrainingState& state, const std::string& source) {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> found;
  for (std::size_t i = 0; i < targets_.size(); ++i) found.push_back(network_->region(i)->basis.clone());
  load_state_dict(*network_, state.network, source);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const BlendshapeRegion region = network_->region(i);
    // Components that a process with other threads finds may be turned round, or differ by rounding.
    if (torch::equal(region->basis, found[i])) continue;
    const auto moved = moved_pixels(crops_.faces, network_->mean.cpu(), region->pixels.cpu());
    targets_[i].targets = moved.matmul(region->basis.cpu().t()).to(targets_[i].targets.device());
  }
  optimizer_->restore(part_of(state.optimizer, "regression."), source);
}

TrainingParts BlendshapeFaceTraining::parts() {
  return {.sample = [this] {
    const auto shown = std::min<std::int64_t>(kSampledPoses, crops_.poses.size(0));
    return face_sample(*network_, {.poses = crops_.poses.narrow(0, 0, shown),
                                   .expected = crops_.faces.narrow(0, 0, shown),
                                   .images = {}});
  }};
}

}  // namespace tha4
