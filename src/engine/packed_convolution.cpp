#include "packed_convolution.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <torch/types.h>

namespace tha4 {
namespace {

/// [points along an axis, 3]: what the three weights of an axis become. Each pixel counting as two, the third
/// of the four is multiplied by 0, and left out.
at::Tensor axis_transform(bool doubles) {
  const at::Tensor all =
      torch::tensor({1.0, 0.0, 0.0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0.0, 0.0, 1.0}).view({kAxisPoints, 3});
  return doubles ? all.index_select(0, torch::tensor({0, 1, 3})) : all;
}

/// [points, inputs, outputs].
at::Tensor transformed(const at::Tensor& weights, bool doubles) {
  const at::Tensor plain = weights.detach().to(torch::kCPU, torch::kFloat).permute({2, 3, 1, 0});
  if (weights.size(2) == 1) return plain.flatten(0, 1);
  const at::Tensor axis = axis_transform(doubles);
  const at::Tensor both = torch::einsum("pi,qj->pqij", {axis, axis}).flatten(2, 3).flatten(0, 1);
  return both.mm(plain.reshape({plain.size(0) * plain.size(1), -1}))
      .view({-1, weights.size(1), weights.size(0)});
}

/// Puts channels of several maps where they lie when each map is padded, and pads the outputs.
at::Tensor padded(const at::Tensor& weights, const std::vector<std::int64_t>& sources) {
  const bool fits = sources.size() == 1 && weights.size(1) % kChannelStep == 0;
  if (fits && weights.size(2) % kChannelStep == 0) return weights;
  int inputs = 0;
  for (const std::int64_t channels : sources) inputs += padded_channels(channels);
  const std::int64_t outputs = weights.size(2);
  at::Tensor result = torch::zeros({weights.size(0), inputs, padded_channels(outputs)});
  std::int64_t from = 0, to = 0;
  for (const std::int64_t channels : sources) {
    result.narrow(1, to, channels).narrow(2, 0, outputs).copy_(weights.narrow(1, from, channels));
    from += channels;
    to += padded_channels(channels);
  }
  return result;
}

}  // namespace

PackedConvolution pack_convolution(const at::Tensor& weights, const at::Tensor& biases,
                                   const std::vector<std::int64_t>& sources, bool doubles, MapType type) {
  const at::Tensor all = padded(transformed(weights, doubles), sources);
  PackedConvolution packed;
  packed.points = static_cast<int>(all.size(0));
  packed.inputs = static_cast<int>(all.size(1));
  packed.outputs = static_cast<int>(all.size(2));
  packed.type = type;
  packed.biases.resize(static_cast<std::size_t>(packed.outputs));
  if (biases.defined()) {
    const at::Tensor floats = biases.detach().to(torch::kCPU, torch::kFloat).contiguous();
    std::copy_n(floats.data_ptr<float>(), floats.numel(), packed.biases.begin());
  }
  const auto step = static_cast<std::int64_t>(sizeof(float) / size_of(type));  // inputs of a product
  const at::Tensor stored = all.to(type == MapType::bf16 ? torch::kBFloat16 : torch::kFloat)
                                .view({packed.points, packed.inputs / step, step, packed.outputs});
  packed.weights = hwy::AllocateAligned<std::byte>(stored.nbytes());
  std::byte* place = packed.weights.get();
  for (int panel = 0; panel * kPanelWidth < packed.outputs; ++panel) {
    const at::Tensor part = stored.narrow(3, panel * kPanelWidth, packed.outputs_of_panel(panel))
                                .permute({0, 1, 3, 2})
                                .contiguous();
    std::memcpy(place, part.data_ptr(), part.nbytes());
    place += part.nbytes();
  }
  return packed;
}

}  // namespace tha4
