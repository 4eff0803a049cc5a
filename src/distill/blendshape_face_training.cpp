#include "blend_weights_regression.h"
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

FaceAnalysis analyse_faces(const TeacherCrops& crops, const BlendshapeFaceConfig& config) {
  const torch::NoGradGuard no_grad;
  const auto regions = find_moving_regions(crops.faces, config.region_threshold, config.region_dilation,
                                           config.region_min_fraction);
  const auto mean = crops.faces.mean(0);
  std::vector<LocalBasis> bases;
  std::vector<BlendshapeRegionOptions> options;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const bool is_rest = i + 1 == regions.size();
    const auto samples = (crops.faces - mean).flatten(2).index_select(2, regions[i]).flatten(1);
    bases.push_back(
        principal_components(samples.unsqueeze(0), is_rest ? config.rest_basis_size : config.basis_size));
    options.push_back({.pixels = static_cast<int>(regions[i].size(0)),
                       .basis_size = static_cast<int>(bases.back().basis.size(1)),
                       .width = config.width,
                       .hidden_layers = config.hidden_layers});
  }

  FaceAnalysis analysis;
  const SeededScope seeded(config.seed);
  analysis.network = BlendshapeFaceMorpher(options);
  analysis.network->mean.copy_(mean);
  for (std::size_t i = 0; i < regions.size(); ++i) {
    BlendshapeRegion region = analysis.network->region(i);
    region->pixels.copy_(regions[i]);
    region->basis.copy_(bases[i].basis[0]);
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
  load_state_dict(*network_, state.network, source);
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
