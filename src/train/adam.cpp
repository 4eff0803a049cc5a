#include "tha4/train/adam.h"

#include <optional>
#include <utility>

#include "restore_tensors.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {

Adam::Adam(Group parameters, const AdamConfig& config)
    : Adam(std::vector<Group>{std::move(parameters)}, config) {}

Adam::Adam(const std::vector<Group>& groups, const AdamConfig& config) : config_(config) {
  for (const Group& group : groups) {
    if (group.empty()) throw Error("there is nothing to optimise");
    for (const at::Tensor& parameter : group) {
      parameters_.push_back(parameter);
      exp_avg_.push_back(torch::zeros_like(parameter, torch::requires_grad(false)));
      exp_avg_sq_.push_back(torch::zeros_like(parameter, torch::requires_grad(false)));
      steps_.push_back(torch::zeros({}, parameter.options().requires_grad(false)));
    }
    group_ends_.push_back(parameters_.size());
  }
}

void Adam::step(double learning_rate, const at::Tensor& overflow) {
  step(std::vector<double>(group_ends_.size(), learning_rate), overflow);
}

void Adam::step(std::span<const double> learning_rates, const at::Tensor& overflow) {
  if (learning_rates.size() != group_ends_.size()) throw Error("each group needs its learning rate");
  if (gradients().empty()) throw Error("a step without gradients");
  const torch::NoGradGuard no_grad;
  for (std::size_t group = 0; group < group_ends_.size(); ++group) {
    step_group(group, learning_rates[group], overflow);
  }
}

void Adam::step_group(std::size_t group, double learning_rate, const at::Tensor& overflow) {
  std::vector<at::Tensor> parameters, gradients, exp_avg, exp_avg_sq, steps;
  for (std::size_t i = group == 0 ? 0 : group_ends_[group - 1]; i < group_ends_[group]; ++i) {
    if (!parameters_[i].grad().defined()) continue;
    parameters.push_back(parameters_[i]);
    gradients.push_back(parameters_[i].grad());
    exp_avg.push_back(exp_avg_[i]);
    exp_avg_sq.push_back(exp_avg_sq_[i]);
    steps.push_back(steps_[i]);
  }
  if (gradients.empty()) return;
  at::_foreach_add_(steps, 1);
  std::optional<at::Tensor> left_out;
  if (overflow.defined()) {
    left_out = overflow;
    at::_foreach_sub_(steps, std::vector<at::Tensor>(steps.size(), overflow));
  }
  at::_fused_adamw_(parameters, gradients, exp_avg, exp_avg_sq, /*max_exp_avg_sqs=*/{}, steps, learning_rate,
                    config_.beta1, config_.beta2, config_.weight_decay, kEpsilon, /*amsgrad=*/false,
                    /*maximize=*/false, /*grad_scale=*/std::nullopt, left_out);
}

Adam::Moments Adam::moments_of(const at::Tensor& parameter) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].is_same(parameter)) return {exp_avg_[i], exp_avg_sq_[i], steps_[i]};
  }
  throw Error("a parameter that is not optimised has no moments");
}

std::vector<at::Tensor> Adam::gradients() const {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters_) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  return gradients;
}

void Adam::zero_grad() {
  for (at::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
}

StateDict Adam::state() const {
  StateDict state;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string prefix = std::to_string(i) + ".";
    state.insert(prefix + "exp_avg", exp_avg_[i]);
    state.insert(prefix + "exp_avg_sq", exp_avg_sq_[i]);
    state.insert(prefix + "step", steps_[i]);
  }
  return state;
}

void Adam::restore(const StateDict& state, const std::string& source) {
  StateDict whole = state;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string prefix = std::to_string(i) + ".";
    if (!part_of(state, prefix).is_empty()) continue;
    whole.insert(prefix + "exp_avg", torch::zeros_like(exp_avg_[i]));
    whole.insert(prefix + "exp_avg_sq", torch::zeros_like(exp_avg_sq_[i]));
    whole.insert(prefix + "step", torch::zeros_like(steps_[i]));
  }
  restore_tensors(this->state(), whole, source);
}

at::Tensor norm_of(const std::vector<at::Tensor>& tensors) {
  const torch::NoGradGuard no_grad;
  return torch::stack(at::_foreach_norm(tensors)).norm();
}

}  // namespace tha4
