#include "tha4/train/loss_scale.h"

#include "restore_tensors.h"
#include <torch/types.h>

namespace tha4 {
namespace {

constexpr float kFirstScale = 65536;
constexpr double kGrowth = 2;
constexpr double kBackoff = 0.5;
constexpr int kStepsToGrowth = 2000;

}  // namespace

LossScale::LossScale(c10::Device device)
    : scale_(torch::full({}, kFirstScale, torch::TensorOptions(torch::kFloat).device(device))),
      good_steps_(torch::zeros({}, torch::TensorOptions(torch::kInt32).device(device))) {}

at::Tensor LossScale::unscale(const std::vector<at::Tensor>& gradients) {
  const torch::NoGradGuard no_grad;
  at::Tensor overflow = torch::zeros_like(scale_);
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, overflow, scale_.reciprocal());
  at::_amp_update_scale_(scale_, good_steps_, overflow, kGrowth, kBackoff, kStepsToGrowth);
  return overflow;
}

StateDict LossScale::state() const {
  StateDict state;
  state.insert("loss_scale", scale_);
  state.insert("good_steps", good_steps_);
  return state;
}

void LossScale::restore(const StateDict& state, const std::string& source) {
  restore_tensors(this->state(), state, source);
}

}  // namespace tha4
