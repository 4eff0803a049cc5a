#include "sample_pictures.h"
#include <torch/types.h>

#include "tha4/distill/siren_training.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/pose/pose.h"

namespace tha4 {

SirenFaceTraining::SirenFaceTraining(Poser& teacher, const at::Tensor& mask, const PoseSource& poses,
                                     const SirenFaceConfig& config)
    : SirenTraining(teacher, poses), mask_(mask.to(teacher.device())), config_(config) {
  const SeededScope seeded(config.seed);
  network_ = SirenFaceMorpher(config.network).ptr();
  start(network_, config.adam);
}

TrainingStep SirenFaceTraining::step(std::int64_t examples_seen) {
  const auto poses = draw(config_.batch, step_seed(config_.seed, examples_seen));
  const auto expected = teacher_.face(poses);
  const auto difference = (network_->draw(poses.narrow(1, 0, kFacePoseSize)) - expected).abs();
  const auto whole = difference.mean();
  const auto masked = (difference * mask_).mean();
  const auto loss = whole + config_.mask_weight * masked;

  descend(loss, learning_rate_at(config_.learning_rate, examples_seen));
  return {config_.batch, {{"loss", loss.detach()}, {"whole", whole.detach()}, {"masked", masked.detach()}}};
}

TrainingParts SirenFaceTraining::parts() {
  return {.sample = [this] { return sample(); }};
}

RgbaImage SirenFaceTraining::sample() {
  const torch::NoGradGuard no_grad;
  const auto poses = draw(kSampledPoses, poses_.seed);
  return comparison_sheet(teacher_.face(poses), network_->draw(poses.narrow(1, 0, kFacePoseSize)));
}

}  // namespace tha4
