#include "quantized_tensor.h"

#include <limits>
#include <vector>

#include <torch/types.h>

namespace tha4 {
namespace {

constexpr int kMaxInteger = 127;

/// Of the 24 significant bits of a float32, a product with 7-bit integers leaves 17 for the scale. Cutting
/// the others off makes the scale smaller by less than 2^-16: the largest weight is still nearest to 127.
constexpr int kSignificantBits = ~0x7f;

/// Scales for \p largest [C], the largest magnitudes of the channels.
at::Tensor scales_for(const at::Tensor& largest) {
  const at::Tensor exact = largest / kMaxInteger;
  const at::Tensor scale = exact.view(at::kInt).bitwise_and(kSignificantBits).view(at::kFloat);
  // Below, floats have fewer significant bits than that.
  return at::where(scale < std::numeric_limits<float>::min(), at::zeros_like(scale), scale);
}

}  // namespace

QuantizedTensor quantize(const at::Tensor& weights) {
  const at::Tensor channels = weights.reshape({weights.size(0), -1});
  QuantizedTensor result;
  result.scale = scales_for(channels.abs().amax(1));
  const at::Tensor divisors = at::where(result.scale > 0, result.scale, at::ones_like(result.scale));
  // In double precision, so that no quotient is rounded across the middle between two integers.
  const at::Tensor steps = channels.to(at::kDouble).div_(divisors.to(at::kDouble).unsqueeze(1));
  result.integers = steps.round().clamp_(-kMaxInteger, kMaxInteger).to(at::kChar).view(weights.sizes());
  return result;
}

at::Tensor dequantized(const at::Tensor& integers, const at::Tensor& scale) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(integers.dim()), 1);
  shape.front() = scale.size(0);
  return integers.to(at::kFloat).mul_(scale.view(shape));
}

}  // namespace tha4
