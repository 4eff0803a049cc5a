#include "tha4/nn/blocks/activation_checkpoint.h"

#include <utility>

#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>
#include <torch/types.h>

namespace tha4 {
namespace {

using RepeatedFunction = std::function<at::Tensor(const CheckpointInputs&)>;

/// Whether operations pick 16-bit types by themselves, and which, in the thread that asks.
struct Autocasting {
  static Autocasting here(at::DeviceType device) {
    return {device, at::autocast::is_autocast_enabled(device), at::autocast::get_autocast_dtype(device)};
  }

  void apply() const {
    at::autocast::set_autocast_enabled(device, is_enabled);
    at::autocast::set_autocast_dtype(device, type);
  }

  at::DeviceType device;
  bool is_enabled;
  at::ScalarType type;
};

/// While one of these lives, this thread's operations pick the types of \p autocasting, and casts of weights
/// are not kept: forward makes them without gradients here, and those made in backward, where nothing ends
/// autocasting, would be found by the next step, when the weights are others.
class UncachedAutocast {
 public:
  explicit UncachedAutocast(const Autocasting& autocasting)
      : before_(Autocasting::here(autocasting.device)),
        kept_casts_(at::autocast::is_autocast_cache_enabled()) {
    autocasting.apply();
    at::autocast::set_autocast_cache_enabled(false);
  }
  ~UncachedAutocast() {
    before_.apply();
    at::autocast::set_autocast_cache_enabled(kept_casts_);
  }
  UncachedAutocast(const UncachedAutocast&) = delete;
  UncachedAutocast& operator=(const UncachedAutocast&) = delete;

 private:
  Autocasting before_;
  bool kept_casts_;
};

/// What backward, which runs in other threads than forward, needs in order to do the same again.
struct Recipe : torch::CustomClassHolder {
  Recipe(RepeatedFunction repeated, at::DeviceType device)
      : function(std::move(repeated)), autocasting(Autocasting::here(device)) {}

  at::Tensor operator()(const CheckpointInputs& inputs) const {
    const UncachedAutocast autocast(autocasting);
    return function(inputs);
  }

  RepeatedFunction function;
  Autocasting autocasting;
};

class Checkpointed : public torch::autograd::Function<Checkpointed> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const RepeatedFunction& function,
                            const at::Tensor& first, const at::Tensor& second, const at::Tensor& third) {
    context->save_for_backward({first, second, third});
    auto recipe = c10::make_intrusive<Recipe>(function, first.device().type());
    context->saved_data["recipe"] = c10::IValue::make_capsule(recipe);
    return (*recipe)({first, second, third});
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
      result = (*recipe)(inputs);
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
