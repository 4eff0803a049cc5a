#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// The mean of |a - b| over all elements, of float32 or wider, with the gradient for \p a. On GPUs one pass
/// over both, whatever their type; LibTorch's own operations would first write both out in float32.
/// \param a, b  of one shape, type and device; \p b is a constant
at::Tensor mean_absolute_difference(const at::Tensor& a, const at::Tensor& b);

}  // namespace tha4
