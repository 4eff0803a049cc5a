#include "tha4/nn/student/blend_weights.h"

#include <algorithm>
#include <cmath>

#include <torch/nn/init.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/types.h>

namespace tha4 {
namespace {

/// torch::nn::Linear, but for networks that a checkpoint is about to fill.
class LinearLayerImpl : public torch::nn::Module {
 public:
  LinearLayerImpl(std::int64_t inputs, std::int64_t outputs)
      : weight_(register_parameter("weight", torch::empty({outputs, inputs}))),
        bias_(register_parameter("bias", torch::empty({outputs}))) {
    if (SkipInitialization::is_active()) return;
    const torch::NoGradGuard no_grad;
    torch::nn::init::kaiming_uniform_(weight_, std::sqrt(5.0));
    const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
    bias_.uniform_(-bound, bound);
  }

  torch::Tensor forward(const torch::Tensor& x) {
    return torch::linear(x, weight_.to(x.dtype()), bias_.to(x.dtype()));
  }

 private:
  torch::Tensor weight_;
  torch::Tensor bias_;
};
TORCH_MODULE(LinearLayer);

}  // namespace

BlendWeightsImpl::BlendWeightsImpl(const BlendWeightsOptions& options)
    : input_scale(register_buffer("input_scale", torch::ones({options.inputs}))),
      output_scale(register_buffer("output_scale", torch::ones({1}))),
      layers_(register_module("layers", torch::nn::ModuleList())) {
  for (int i = 0; i <= options.hidden_layers; ++i) {
    layers_->push_back(LinearLayer(i == 0 ? options.inputs : options.width,
                                   i == options.hidden_layers ? options.outputs : options.width));
  }
}

torch::Tensor BlendWeightsImpl::forward(const torch::Tensor& poses) {
  const torch::ScalarType type = torch::GradMode::is_enabled() ? input_scale.scalar_type() : torch::kFloat64;
  torch::Tensor x = poses.to(type) * input_scale.to(type);
  for (std::size_t i = 0; i < layers_->size(); ++i) {
    if (i > 0) x = torch::silu(x);
    x = layers_->ptr<LinearLayerImpl>(i)->forward(x);
  }
  return (x * output_scale.to(type)).to(output_scale.dtype());
}

BlendWeightsOptions blend_weights_options_of(const WeightShapes& shapes, int inputs, std::int64_t outputs) {
  const auto key = [](std::int64_t layer) { return "layers." + std::to_string(layer) + ".weight"; };
  const std::int64_t layers = std::max<std::int64_t>(shapes.count("layers"), 1);
  const std::int64_t found = shapes.size(key(layers - 1), 0, kMaxBlendWeights);
  if (found != outputs) {
    shapes.fail(key(layers - 1), "gives " + std::to_string(found) + " blend weights; the basis has " +
                                     std::to_string(outputs) + " images");
  }
  // Without hidden layers there is no width, and none is used.
  const std::int64_t width = layers > 1 ? shapes.size(key(0), 0) : 1;
  return {.inputs = inputs,
          .outputs = static_cast<int>(outputs),
          .width = static_cast<int>(width),
          .hidden_layers = static_cast<int>(layers - 1)};
}

}  // namespace tha4
