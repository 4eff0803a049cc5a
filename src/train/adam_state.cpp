#include "tha4/train/adam_state.h"

#include <torch/optim/adamw.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

template <class Visit>
void for_each_parameter(torch::optim::AdamW& optimizer, const std::string& prefix, Visit visit) {
  std::size_t index = 0;
  for (auto& group : optimizer.param_groups()) {
    for (torch::Tensor& parameter : group.params()) {
      visit(parameter, prefix + std::to_string(index++) + ".");
    }
  }
}

}  // namespace

torch::optim::AdamWOptions adam_options(const AdamConfig& config) {
  return torch::optim::AdamWOptions(0).betas({config.beta1, config.beta2}).weight_decay(config.weight_decay);
}

StateDict adam_state(torch::optim::AdamW& optimizer, const std::string& prefix) {
  StateDict state;
  for_each_parameter(optimizer, prefix, [&](torch::Tensor& parameter, const std::string& name) {
    const auto found = optimizer.state().find(parameter.unsafeGetTensorImpl());
    if (found == optimizer.state().end()) return;
    const auto& moments = static_cast<const torch::optim::AdamWParamState&>(*found->second);
    state.insert(name + "step", torch::tensor(moments.step(), torch::kLong));
    state.insert(name + "exp_avg", moments.exp_avg());
    state.insert(name + "exp_avg_sq", moments.exp_avg_sq());
  });
  return state;
}

void restore_adam_state(torch::optim::AdamW& optimizer, const StateDict& state, const std::string& prefix,
                        const std::string& source) {
  optimizer.state().clear();
  for_each_parameter(optimizer, prefix, [&](torch::Tensor& parameter, const std::string& name) {
    if (!state.contains(name + "step")) return;
    const auto moment = [&](const std::string& key) {
      const torch::Tensor* tensor = state.find(name + key);
      if (tensor == nullptr || tensor->sizes() != parameter.sizes()) {
        throw InputError(source + ": " + name + key +
                         " does not fit the network; the checkpoint is of another run");
      }
      return tensor->to(parameter.device(), parameter.dtype()).clone();
    };
    auto moments = std::make_unique<torch::optim::AdamWParamState>();
    moments->step(state[name + "step"].item<std::int64_t>());
    moments->exp_avg(moment("exp_avg"));
    moments->exp_avg_sq(moment("exp_avg_sq"));
    optimizer.state()[parameter.unsafeGetTensorImpl()] = std::move(moments);
  });
}

void set_learning_rate(torch::optim::AdamW& optimizer, std::size_t group, double value) {
  optimizer.param_groups()[group].options().set_lr(value);
}

}  // namespace tha4
