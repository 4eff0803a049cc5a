#include "sample_pictures.h"
#include <torch/optim/adamw.h>
#include <torch/types.h>

#include "tha4/pose/pose.h"
#include "tha4/train/adam_state.h"
#include "tha4/train/siren_fitting.h"
#include "tha4/train/teacher_frames.h"

namespace tha4 {

SirenFaceFitting::SirenFaceFitting(Poser& teacher, const at::Tensor& mask, const PoseSource& poses,
                                   const SirenFaceConfig& config)
    : teacher_(teacher), mask_(mask.to(teacher.device())), poses_(poses), config_(config) {
  torch::manual_seed(config.seed);
  network_ = SirenFaceMorpher(config.network).ptr();
  network_->to(teacher.device());
  optimizer_ = std::make_unique<torch::optim::AdamW>(network_->parameters(), adam_options(config.adam));
}

FittingStep SirenFaceFitting::step(std::int64_t examples_seen) {
  const auto poses =
      draw_poses(poses_, config_.batch, step_seed(config_.seed, examples_seen)).to(teacher_.device());
  const auto expected = teacher_.face(poses);
  const auto difference = (network_->draw(poses.narrow(1, 0, kFacePoseSize)) - expected).abs();
  const auto whole = difference.mean();
  const auto masked = (difference * mask_).mean();
  const auto loss = whole + config_.mask_weight * masked;

  set_learning_rate(*optimizer_, 0, learning_rate_at(config_.learning_rate, examples_seen));
  optimizer_->zero_grad();
  loss.backward();
  optimizer_->step();
  return {config_.batch, {{"loss", loss.detach()}, {"whole", whole.detach()}, {"masked", masked.detach()}}};
}

StateDict SirenFaceFitting::network_state() const {
  return state_dict_of(*network_);
}

StateDict SirenFaceFitting::optimizer_state() const {
  return adam_state(*optimizer_, "adam.");
}

void SirenFaceFitting::restore(const StateDict& network, const StateDict& optimizer,
                               const std::string& source) {
  load_state_dict(*network_, network, source);
  restore_adam_state(*optimizer_, optimizer, "adam.", source);
}

RgbaImage SirenFaceFitting::sample() {
  const torch::NoGradGuard no_grad;
  const auto poses = draw_poses(poses_, kSampledPoses, poses_.seed).to(teacher_.device());
  return comparison_sheet(teacher_.face(poses), network_->draw(poses.narrow(1, 0, kFacePoseSize)));
}

}  // namespace tha4
