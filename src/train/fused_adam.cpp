#include "tha4/train/fused_adam.h"

#include <optional>
#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr double kEpsilon = 1e-8;  // as in the paper by Kingma and Ba, and PyTorch

// Loss scaling as in Micikevicius et al. 2018: the scale grows while nothing overflows.
constexpr float kFirstScale = 65536;
constexpr double kGrowth = 2;
constexpr double kBackoff = 0.5;
constexpr int kStepsToGrowth = 2000;

}  // namespace

FusedAdam::FusedAdam(std::vector<at::Tensor> parameters, const AdamConfig& config, bool scales_loss)
    : parameters_(std::move(parameters)), config_(config) {
  if (parameters_.empty()) throw Error("there is nothing to optimise");
  for (const at::Tensor& parameter : parameters_) {
    exp_avg_.push_back(torch::zeros_like(parameter, torch::requires_grad(false)));
    exp_avg_sq_.push_back(torch::zeros_like(parameter, torch::requires_grad(false)));
    steps_.push_back(torch::zeros({}, parameter.options().requires_grad(false)));
  }
  if (!scales_loss) return;
  scale_ = torch::full({}, kFirstScale, steps_.front().options());
  good_steps_ = torch::zeros({}, steps_.front().options().dtype(torch::kInt32));
}

AdamStep FusedAdam::step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> parameters, gradients, exp_avg, exp_avg_sq, steps;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].grad().defined()) continue;
    parameters.push_back(parameters_[i]);
    gradients.push_back(parameters_[i].grad());
    exp_avg.push_back(exp_avg_[i]);
    exp_avg_sq.push_back(exp_avg_sq_[i]);
    steps.push_back(steps_[i]);
  }
  if (gradients.empty()) throw Error("a step without gradients");
  std::optional<at::Tensor> overflow;
  if (scale_.defined()) {
    overflow = torch::zeros({}, scale_.options());
    at::_amp_foreach_non_finite_check_and_unscale_(gradients, *overflow, scale_.reciprocal());
  }
  at::_foreach_add_(steps, 1);
  if (overflow) at::_foreach_sub_(steps, std::vector<at::Tensor>(steps.size(), *overflow));
  at::_fused_adam_(parameters, gradients, exp_avg, exp_avg_sq, /*max_exp_avg_sqs=*/{}, steps, learning_rate,
                   config_.beta1, config_.beta2, config_.weight_decay, kEpsilon, /*amsgrad=*/false,
                   /*maximize=*/false, /*grad_scale=*/std::nullopt, overflow);
  const at::Tensor norm = torch::stack(at::_foreach_norm(gradients)).norm();
  if (!overflow) return {.gradient_norm = norm, .count = torch::ones_like(norm)};
  const at::Tensor count = 1 - *overflow;
  at::_amp_update_scale_(scale_, good_steps_, *overflow, kGrowth, kBackoff, kStepsToGrowth);
  return {.gradient_norm = torch::where(count > 0, norm, torch::zeros_like(norm)), .count = count};
}

void FusedAdam::zero_grad() {
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

StateDict FusedAdam::state() const {
  StateDict state;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string prefix = std::to_string(i) + ".";
    state.insert(prefix + "exp_avg", exp_avg_[i]);
    state.insert(prefix + "exp_avg_sq", exp_avg_sq_[i]);
    state.insert(prefix + "step", steps_[i]);
  }
  if (scale_.defined()) {
    state.insert("loss_scale", scale_);
    state.insert("good_steps", good_steps_);
  }
  return state;
}

void FusedAdam::restore(const StateDict& state, const std::string& source) {
  const torch::NoGradGuard no_grad;
  for (const auto& item : this->state()) {
    const at::Tensor* stored = state.find(item.key());
    if (stored == nullptr || stored->sizes() != item.value().sizes()) {
      throw InputError(source + ": " + item.key() +
                       " of the optimiser does not fit the network; the checkpoint is of another run");
    }
    at::Tensor target = item.value();
    target.copy_(*stored);
  }
}

}  // namespace tha4
