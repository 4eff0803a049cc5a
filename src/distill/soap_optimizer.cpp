#include "soap_optimizer.h"

#include <cmath>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {
namespace {

c10::Device device_of(const StateDict& network) {
  for (const auto& item : network) return item.value().device();
  throw Error("a network without parameters has nothing to optimise");
}

}  // namespace

SoapOptimizer::SoapOptimizer(const StateDict& network, const AdamConfig& adam, int steps, double decay)
    : adam_(adam), soap_(soap_places(network), steps, decay, device_of(network)) {
  std::int64_t count = 0;
  for (const auto& item : network) {
    parameters_.push_back(item.value());
    count += item.value().numel();
  }
  moments1_ = torch::zeros({count}, torch::device(device_of(network)));
  moments2_ = torch::zeros_like(moments1_);
}

void SoapOptimizer::step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters_) gradients.push_back(parameter.grad().flatten());
  ++steps_;
  const auto number = static_cast<double>(steps_);
  const at::Tensor directions = soap_.directions(torch::cat(gradients), moments1_, moments2_,
                                                 {.beta1 = adam_.beta1,
                                                  .beta2 = adam_.beta2,
                                                  .correction1 = 1 - std::pow(adam_.beta1, number),
                                                  .correction2 = 1 - std::pow(adam_.beta2, number)});
  std::int64_t at = 0;
  for (const at::Tensor& parameter : parameters_) {
    const at::Tensor direction = directions.narrow(0, at, parameter.numel()).view(parameter.sizes());
    parameter.sub_(direction, learning_rate);
    at += parameter.numel();
  }
}

StateDict SoapOptimizer::state() const {
  StateDict state;
  state.insert("moment1", moments1_);
  state.insert("moment2", moments2_);
  state.insert("steps", torch::full({1}, steps_, torch::kLong));
  add_part(state, "soap.", soap_.state());
  return state;
}

void SoapOptimizer::restore(const StateDict& state, const std::string& source) {
  const auto part = [&](const char* key) -> const torch::Tensor& {
    const torch::Tensor* const found = state.find(key);
    if (found == nullptr) throw InputError(source + " is of a training by another optimiser");
    return *found;
  };
  if (part("moment1").sizes() != moments1_.sizes() || part("moment2").sizes() != moments2_.sizes()) {
    throw InputError(source + " is of a training of another network");
  }
  moments1_.copy_(part("moment1"));
  moments2_.copy_(part("moment2"));
  steps_ = part("steps").item<std::int64_t>();
  soap_.restore(part_of(state, "soap."));
}

}  // namespace tha4
