#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// Weights as 8-bit integers and a scale for each index of dimension 0.
struct QuantizedTensor {
  at::Tensor integers;  ///< int8, the shape of the weights, within -127 and 127
  at::Tensor scale;     ///< float32 [channels], at least 0
};

/// Even -128 times this is finite.
constexpr float kMaxScale = 0x1p120F;
constexpr float kMaxQuantized = 127 * kMaxScale;

/// \param weights  float32 on the CPU, of one dimension or more, not empty, no value beyond kMaxQuantized
QuantizedTensor quantize(const at::Tensor& weights);

/// \p integers of shape [C, ...] times \p scale [C], as float32.
at::Tensor dequantized(const at::Tensor& integers, const at::Tensor& scale);

}  // namespace tha4
