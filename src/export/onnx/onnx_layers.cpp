#include "onnx/onnx_layers.h"

#include <algorithm>
#include <cmath>

#include "onnx/onnx_operations.h"
#include <torch/types.h>

namespace tha4 {
namespace {

/// Of instance norm and group norm.
constexpr float kNormEpsilon = 1e-5F;

OnnxValue convolved(const OnnxModule& module, const OnnxValue& x, const char* operation,
                    const OnnxAttributes& attributes) {
  const OnnxScope scope = module.scope();
  std::vector<OnnxValue> inputs{x, module.weight("weight")};
  if (module.has("bias")) inputs.push_back(module.weight("bias"));
  return module.graph().node(operation, inputs, attributes);
}

std::vector<std::int64_t> padding_of(std::int64_t kernel) {
  return std::vector<std::int64_t>(4, (kernel - 1) / 2);
}

}  // namespace

OnnxValue linear_layer(const OnnxModule& module, const OnnxValue& x) {
  const OnnxScope scope = module.scope();
  return linear(x, module.weight("weight"), module.weight("bias"));
}

OnnxValue exact_linear_layer(const OnnxModule& module, const OnnxValue& x) {
  // 8 bits of an input times 7 of a weight, 256 times: within the 24 of a float32, with a sign to spare.
  constexpr double kInputSteps = 64, kWeightSteps = 128;
  const OnnxScope scope = module.scope();
  const at::Tensor weight = module.tensor("weight");
  const double largest = std::max(weight.abs().max().item<double>(), 1e-30);
  const double step = std::exp2(std::ceil(std::log2(largest))) / kWeightSteps;
  const at::Tensor upper_weight = (weight / step).round() * step;
  const at::Tensor lower_weights = torch::cat({weight - upper_weight, weight}, 1);
  const OnnxValue upper = each("Floor", x * kInputSteps) * (1 / kInputSteps);
  const OnnxValue exact =
      module.graph().node("MatMul", {upper, module.constant("weight/upper", upper_weight.t().contiguous())});
  return exact + linear(concatenated({upper, x - upper}), module.constant("weight/lower", lower_weights),
                        module.weight("bias"));
}

OnnxValue convolution(const OnnxModule& module, const OnnxValue& x, std::int64_t stride) {
  const at::Tensor weight = module.tensor("weight");
  const std::int64_t kernel = weight.size(2);
  OnnxValue result = convolved(module, x, "Conv",
                               {{"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
                                {"strides", std::vector<std::int64_t>{stride, stride}},
                                {"pads", padding_of(kernel)}});
  result.channels = weight.size(0);
  result.size = x.size / stride;
  return result;
}

OnnxValue transposed_convolution(const OnnxModule& module, const OnnxValue& x) {
  const at::Tensor weight = module.tensor("weight");
  const std::int64_t kernel = weight.size(2);
  OnnxValue result = convolved(module, x, "ConvTranspose",
                               {{"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
                                {"strides", std::vector<std::int64_t>{2, 2}},
                                {"pads", padding_of(kernel)}});
  result.channels = weight.size(1);
  result.size = 2 * x.size;
  return result;
}

OnnxValue instance_norm(const OnnxModule& module, const OnnxValue& x) {
  const OnnxScope scope = module.scope();
  OnnxValue result =
      module.graph().node("InstanceNormalization", {x, module.weight("weight"), module.weight("bias")},
                          {{"epsilon", kNormEpsilon}});
  result.channels = x.channels;
  result.size = x.size;
  return result;
}

OnnxValue group_norm(const OnnxModule& module, const OnnxValue& x, const at::Tensor& scale,
                     const at::Tensor& shift) {
  const OnnxScope scope = module.scope();
  OnnxGraph& graph = module.graph();
  const std::int64_t groups = std::min<std::int64_t>(32, x.channels);
  const std::string form = "group_norm/" + std::to_string(groups);
  // Opset 17 has no group norm: an instance norm of the groups, which has the same mean and variance.
  const OnnxValue normalized =
      graph.node("InstanceNormalization",
                 {reshaped(x, {0, groups, -1}), graph.constant_once(form + "/ones", torch::ones({groups})),
                  graph.constant_once(form + "/zeros", torch::zeros({groups}))},
                 {{"epsilon", kNormEpsilon}});
  at::Tensor weight = module.tensor("weight");
  at::Tensor bias = module.tensor("bias");
  if (scale.defined()) {
    weight = weight * scale;
    bias = bias * scale + shift;
  }
  const std::vector<std::int64_t> one_per_channel{1, x.channels, 1, 1};
  return as_maps(normalized, x.channels, x.size) * module.constant("weight", weight.view(one_per_channel)) +
         module.constant("bias", bias.view(one_per_channel));
}

OnnxValue silu_layers(const OnnxModule& module, const std::vector<std::string>& layers, OnnxValue x,
                      OnnxValue (*layer)(const OnnxModule&, const OnnxValue&)) {
  const OnnxScope scope = module.scope();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (i > 0) x = silu(x);
    x = layer(module[layers[i]], x);
  }
  return x;
}

OnnxValue leaky(const OnnxValue& x, double slope) {
  if (slope == 0.0) return each("Relu", x);
  OnnxValue result = x.graph->node("LeakyRelu", {x}, {{"alpha", static_cast<float>(slope)}});
  result.channels = x.channels;
  result.size = x.size;
  return result;
}

}  // namespace tha4
