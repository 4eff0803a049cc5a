#pragma once

#include <torch/types.h>

namespace tha4::test {

/// The largest absolute difference of two tensors of one shape.
inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace tha4::test
