#include "tha4/nn/activation_checkpoint.h"

#include <utility>

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>
#include <torch/types.h>

namespace tha4 {
namespace {

using RepeatedFunction = std::function<at::Tensor(const CheckpointInputs&)>;

/// Whether operations pick 16-bit types by themselves, which must be the same when they are repeated:
/// backward runs in other threads than forward.
class Autocasting {
 public:
  explicit Autocasting(at::DeviceType device)
      : device_(device),
        is_enabled_(at::autocast::is_autocast_enabled(device)),
        type_(at::autocast::get_autocast_dtype(device)) {}

  void apply() const {
    at::autocast::set_autocast_enabled(device_, is_enabled_);
    at::autocast::set_autocast_dtype(device_, type_);
  }

 private:
  at::DeviceType device_;
  bool is_enabled_;
  at::ScalarType type_;
};

struct Recipe : torch::CustomClassHolder {
  Recipe(RepeatedFunction repeated, at::DeviceType device)
      : function(std::move(repeated)), autocasting(device) {}
  RepeatedFunction function;
  Autocasting autocasting;
};

class Checkpointed : public torch::autograd::Function<Checkpointed> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const RepeatedFunction& function,
                            const at::Tensor& first, const at::Tensor& second, const at::Tensor& third) {
    context->save_for_backward({first, second, third});
    context->saved_data["recipe"] =
        c10::IValue::make_capsule(c10::make_intrusive<Recipe>(function, first.device().type()));
    return function({first, second, third});
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto recipe = c10::static_intrusive_pointer_cast<Recipe>(context->saved_data["recipe"].toCapsule());
    CheckpointInputs inputs;
    const auto saved = context->get_saved_variables();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      inputs[i] = saved[i].detach().set_requires_grad(saved[i].requires_grad());
    }
    at::Tensor result;
    {
      const torch::AutoGradMode with_gradients(true);
      const Autocasting before(inputs[0].device().type());
      recipe->autocasting.apply();
      result = recipe->function(inputs);
      before.apply();
    }
    torch::autograd::backward({result}, {gradients[0]});
    return {at::Tensor(), inputs[0].grad(), inputs[1].grad(), inputs[2].grad()};
  }
};

}  // namespace

at::Tensor checkpointed(RepeatedFunction function, const CheckpointInputs& inputs) {
  if (!torch::GradMode::is_enabled()) return function(inputs);
  return Checkpointed::apply(function, inputs[0], inputs[1], inputs[2]);
}

}  // namespace tha4
