#include "tha4/nn/blend_weights.h"

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {

BlendWeightsImpl::BlendWeightsImpl(const BlendWeightsOptions& options)
    : input_scale(register_buffer("input_scale", torch::ones({options.inputs}))),
      output_scale(register_buffer("output_scale", torch::ones({1}))),
      layers_(register_module("layers", torch::nn::ModuleList())) {
  for (int i = 0; i <= options.hidden_layers; ++i) {
    layers_->push_back(torch::nn::Linear(i == 0 ? options.inputs : options.width,
                                         i == options.hidden_layers ? options.outputs : options.width));
  }
}

torch::Tensor BlendWeightsImpl::forward(const torch::Tensor& poses) {
  torch::Tensor x = poses.to(input_scale.dtype()) * input_scale;
  for (std::size_t i = 0; i < layers_->size(); ++i) {
    if (i > 0) x = torch::silu(x);
    x = layers_->ptr<torch::nn::LinearImpl>(i)->forward(x);
  }
  return x * output_scale;
}

BlendWeightsOptions blend_weights_options_of(const StateDict& state, const std::string& prefix,
                                             const std::string& source) {
  const auto weight = [&](int layer) -> const torch::Tensor& {
    return required_tensor(state, prefix + "layers." + std::to_string(layer) + ".weight", 2, source);
  };
  int layers = 1;
  while (state.contains(prefix + "layers." + std::to_string(layers) + ".weight")) ++layers;
  return {.inputs = static_cast<int>(weight(0).size(1)),
          .outputs = static_cast<int>(weight(layers - 1).size(0)),
          .width = static_cast<int>(weight(0).size(0)),
          .hidden_layers = layers - 1};
}

const torch::Tensor& required_tensor(const StateDict& state, const std::string& key, int dimensions,
                                     const std::string& source) {
  constexpr std::int64_t kLargestSize = 1 << 24;
  const torch::Tensor* tensor = state.find(key);
  if (tensor == nullptr)
    throw InputError(source + ": the key " + key + " is missing; is this file of another kind?");
  bool fits = tensor->dim() == dimensions;
  for (const std::int64_t size : tensor->sizes()) fits = fits && size >= 1 && size <= kLargestSize;
  if (!fits) {
    throw InputError(source + ": " + key + " has the shape " + c10::str(tensor->sizes()) + "; expected " +
                     std::to_string(dimensions) + " dimensions, none of them empty");
  }
  return *tensor;
}

}  // namespace tha4
