#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace tha4 {

/// relu(conv2d(x, weight) + bias) of a network that is not trained: the gradient is for \p x alone. On GPUs,
/// for weights stored channels-last, what follows the convolution is one pass.
/// \param x       [N, C, H, W]
/// \param weight  [C', C, K, K], a constant, as is \p bias [C']
at::Tensor rectified_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                 std::int64_t stride, std::int64_t padding);

}  // namespace tha4
