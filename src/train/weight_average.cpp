#include "tha4/train/weight_average.h"

#include <algorithm>
#include <utility>

#include "restore_tensors.h"
#include <torch/types.h>

namespace tha4 {

WeightAverage::WeightAverage(std::vector<at::Tensor> parameters, double decay)
    : parameters_(std::move(parameters)), decay_(decay), count_(torch::zeros({}, torch::kFloat64)) {
  for (const at::Tensor& parameter : parameters_) values_.push_back(parameter.detach().clone());
}

void WeightAverage::update() {
  const torch::NoGradGuard no_grad;
  // Over few steps at first, so that what the network was before it learnt does not stay in it.
  const double count = count_.item<double>();
  count_.add_(1);
  at::_foreach_lerp_(values_, parameters_, 1 - std::min(decay_, (1 + count) / (10 + count)));
}

void WeightAverage::swap() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const at::Tensor kept = parameters_[i].detach().clone();
    parameters_[i].copy_(values_[i]);
    values_[i].copy_(kept);
  }
}

StateDict WeightAverage::state() const {
  StateDict state;
  for (std::size_t i = 0; i < values_.size(); ++i) state.insert("average." + std::to_string(i), values_[i]);
  state.insert("average_count", count_);
  return state;
}

void WeightAverage::restore(const StateDict& state, const std::string& source) {
  restore_tensors(this->state(), state, source);
}

}  // namespace tha4
