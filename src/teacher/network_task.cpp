#include "tha4/teacher/network_task.h"

#include <algorithm>

#include "face_tasks.h"
#include "rotator_tasks.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/network_precision.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/weights/state_dict.h"
#include "tha4/weights/weights_folder.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// The finished rotator that an editor learns with.
template <class Rotator>
Rotator load_rotator(const fs::path& teacher, Architecture architecture, TrainedNetwork network) {
  const std::string name = file_of(architecture, TeacherNetwork::half_resolution_rotator);
  const auto file = find_weights_file(teacher, name);
  if (!file) {
    throw InputError("the editor learns with the finished " + std::string(trained_network_name(network)) +
                         ", but there is no " + (teacher / (name + ".pt")).string(),
                     Remedy::train_first);
  }
  Rotator rotator = load_network<Rotator>(read_weights(*file), file->string());
  for (at::Tensor& parameter : rotator->parameters()) parameter.set_requires_grad(false);
  return rotator;
}

/// Lets the alpha maps of a new face network begin near 0, so that what it does not learn to redraw stays.
template <class Network>
Network starting_near_identity(Network network) {
  constexpr double kAlphaBeforeSigmoid = -5;  // as of the rotators: 1/149
  const torch::NoGradGuard no_grad;
  for (auto& item : network->named_parameters()) {
    if (item.key().find("alpha.") == std::string::npos) continue;
    // The decomposer's eyebrow layer is the picture where its alpha is 1, not 0.
    const double sign = item.key().starts_with("eyebrow_layer_alpha.") ? -1 : 1;
    item.value().fill_(item.key().ends_with(".bias") ? sign * kAlphaBeforeSigmoid : 0);
  }
  return network;
}

std::unique_ptr<NetworkTask> make_editor_task(const TeacherTrainingConfig& config, const fs::path& teacher) {
  const bool has_coarse_inputs = std::any_of(config.phases.begin(), config.phases.end(),
                                             [](const TrainingPhase& phase) { return phase.coarse_inputs; });
  HalfResolutionRotator rotator{nullptr};
  if (has_coarse_inputs) {
    rotator = load_rotator<HalfResolutionRotator>(teacher, Architecture::tha4,
                                                  TrainedNetwork::half_resolution_rotator);
  }
  return std::make_unique<EditorTask>(Editor(config.unet), rotator);
}

}  // namespace

std::vector<at::Tensor> NetworkTask::parameters(const TrainingPhase&) const {
  std::vector<at::Tensor> parameters;
  for (const NamedNetwork& named : networks()) {
    for (const at::Tensor& parameter : named.network->parameters()) parameters.push_back(parameter);
  }
  return parameters;
}

void NetworkTask::to(c10::Device device, at::ScalarType type) {
  for (const NamedNetwork& named : networks()) move_network(*named.network, device, type);
}

void NetworkTask::set_activation_checkpointing(bool on) {
  if (on) throw Error("these networks keep all their activations");
}

std::unique_ptr<NetworkTask> make_network_task(const TeacherTrainingConfig& config, const fs::path& teacher) {
  const SeededScope seeded(config.seed);
  switch (config.network) {
    case TrainedNetwork::eyebrow_networks:
      return std::make_unique<EyebrowTask>(
          starting_near_identity(EyebrowDecomposer(config.encoder_decoder)),
          starting_near_identity(EyebrowMorphingCombiner(config.encoder_decoder)));
    case TrainedNetwork::face_morpher:
      return std::make_unique<FaceMorpherTask>(
          starting_near_identity(TeacherFaceMorpher(config.encoder_decoder)));
    case TrainedNetwork::half_resolution_rotator:
      return std::make_unique<HalfResolutionRotatorTask>(HalfResolutionRotator(config.unet));
    case TrainedNetwork::editor:
      return make_editor_task(config, teacher);
    case TrainedNetwork::tha3_rotator:
      return std::make_unique<Tha3RotatorTask>(Tha3Rotator(config.encoder_decoder));
    case TrainedNetwork::tha3_editor:
      return std::make_unique<Tha3EditorTask>(
          Tha3Editor(config.encoder_decoder),
          load_rotator<Tha3Rotator>(teacher, Architecture::tha3, TrainedNetwork::tha3_rotator));
    case TrainedNetwork::residual_editor:
      return std::make_unique<ResidualEditorTask>(
          ResidualEditor(config.unet),
          load_rotator<HalfResolutionRotator>(teacher, Architecture::compact,
                                              TrainedNetwork::half_resolution_rotator));
    case TrainedNetwork::unet_face_morpher:
      return std::make_unique<UNetFaceMorpherTask>(UNetFaceMorpher(config.unet));
  }
  throw Error("a network that is not known");
}

}  // namespace tha4
