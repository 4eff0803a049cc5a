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

/// [2, points along an axis, 4]: what the four weights of an axis become, of each of two kinds of results or
/// of two pixels that one reads. Each takes two of them.
at::Tensor axis_transforms_of_four(bool transposed) {
  const std::vector<std::int64_t> taken =
      transposed ? std::vector<std::int64_t>{3, 1, 2, 0} : std::vector<std::int64_t>{0, 2, 1, 3};
  const at::Tensor taps = torch::one_hot(torch::tensor(taken), 4).to(torch::kFloat).view({2, 2, 4});
  const at::Tensor transform = torch::tensor({1.0, 0.0, 0.5, 0.5, 0.0, 1.0}).view({kShortAxisPoints, 2});
  return torch::einsum("pt,ktw->kpw", {transform, taps});
}

/// [kinds, points, inputs of all parts, outputs].
at::Tensor transformed(const at::Tensor& weights, MapWeights kind) {
  const at::Tensor plain = weights.detach().to(torch::kCPU, torch::kFloat);
  if (plain.size(2) == 1) return plain.permute({2, 3, 1, 0}).flatten(0, 1).unsqueeze(0);
  if (kind == MapWeights::plain || kind == MapWeights::doubled) {
    const at::Tensor axis = axis_transform(kind == MapWeights::doubled);
    return torch::einsum("pi,qj,ocij->pqco", {axis, axis, plain}).flatten(0, 1).unsqueeze(0);
  }
  const bool is_transposed = kind == MapWeights::transposed;
  const at::Tensor axis = axis_transforms_of_four(is_transposed);
  const at::Tensor all =
      torch::einsum("kpi,lqj,ocij->klpqco", {axis, axis, is_transposed ? plain.transpose(0, 1) : plain})
          .flatten(2, 3)
          .flatten(0, 1);  // [kinds or parts, points, inputs, outputs]
  return is_transposed ? all : all.transpose(0, 1).flatten(1, 2).unsqueeze(0);
}

/// Puts channels of several maps where they lie when each map is padded, and pads the outputs.
at::Tensor padded(const at::Tensor& weights, const std::vector<std::int64_t>& sources) {
  const bool fits = sources.size() == 1 && weights.size(2) % kChannelStep == 0;
  if (fits && weights.size(3) % kChannelStep == 0) return weights;
  int inputs = 0;
  for (const std::int64_t channels : sources) inputs += padded_channels(channels);
  const std::int64_t outputs = weights.size(3);
  at::Tensor result = torch::zeros({weights.size(0), weights.size(1), inputs, padded_channels(outputs)});
  std::int64_t from = 0, to = 0;
  for (const std::int64_t channels : sources) {
    result.narrow(2, to, channels).narrow(3, 0, outputs).copy_(weights.narrow(2, from, channels));
    from += channels;
    to += padded_channels(channels);
  }
  return result;
}

}  // namespace

PackedConvolution pack_convolution(const at::Tensor& weights, const at::Tensor& biases,
                                   const std::vector<std::int64_t>& sources, MapWeights kind, MapType type) {
  std::vector<std::int64_t> of_parts = sources;
  if (kind == MapWeights::halving) of_parts.assign(4, sources.front());
  const at::Tensor all = padded(transformed(weights, kind), of_parts);
  PackedConvolution packed;
  packed.kind = kind;
  packed.points = static_cast<int>(all.size(1));
  packed.inputs = static_cast<int>(all.size(2));
  packed.outputs = static_cast<int>(all.size(3));
  packed.type = type;
  packed.biases.resize(static_cast<std::size_t>(packed.outputs));
  if (biases.defined()) {
    const at::Tensor floats = biases.detach().to(torch::kCPU, torch::kFloat).contiguous();
    std::copy_n(floats.data_ptr<float>(), floats.numel(), packed.biases.begin());
  }
  const auto step = static_cast<std::int64_t>(sizeof(float) / size_of(type));  // inputs of a product
  const at::Tensor stored =
      all.to(type == MapType::bf16 ? torch::kBFloat16 : torch::kFloat)
          .contiguous()
          .view({packed.kinds(), packed.points, packed.inputs / step, step, packed.outputs});
  packed.weights = hwy::AllocateAligned<std::byte>(stored.nbytes());
  std::byte* place = packed.weights.get();
  for (std::int64_t i = 0; i < packed.kinds(); ++i) {
    for (int panel = 0; panel * kPanelWidth < packed.outputs; ++panel) {
      const at::Tensor part = stored[i]
                                  .narrow(3, panel * kPanelWidth, packed.outputs_of_panel(panel))
                                  .permute({0, 1, 3, 2})
                                  .contiguous();
      std::memcpy(place, part.data_ptr(), part.nbytes());
      place += part.nbytes();
    }
  }
  return packed;
}

}  // namespace tha4
