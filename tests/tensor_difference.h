#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {

/// The largest absolute difference of two tensors of one shape.
inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

/// Every k-th pixel in both directions, from the first.
inline at::Tensor strided(const at::Tensor& tensor, int step) {
  using torch::indexing::Slice;
  const auto every = Slice(torch::indexing::None, torch::indexing::None, step);
  return tensor.index({"...", every, every});
}

}  // namespace tha4
