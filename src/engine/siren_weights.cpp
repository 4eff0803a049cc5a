#include "siren_weights.h"

#include "siren_level_layout.h"
#include <torch/types.h>

namespace tha4 {

at::Tensor pack_weights(const at::Tensor& weights, int chunk_steps) {
  const std::int64_t steps = siren_steps(static_cast<int>(weights.size(1)));
  const std::int64_t chunks =
      (siren_steps(static_cast<int>(weights.size(0))) + chunk_steps - 1) / chunk_steps;
  const std::int64_t pairs = chunks * chunk_steps;
  const at::Tensor all = torch::constant_pad_nd(
      weights, {0, steps * kSirenStep - weights.size(1), 0, pairs * kSirenStep - weights.size(0)});
  // A lane has, of its output in either group of 8, two neighbouring inputs of either half of 16.
  return all.view({pairs, 2, 8, steps, 2, 4, 2})
      .permute({0, 3, 2, 5, 1, 4, 6})
      .reshape({pairs, steps, 32, 8})
      .to(torch::kHalf)
      .contiguous();
}

at::Tensor pack_result_weights(const at::Tensor& weights) {
  constexpr std::int64_t kGroup = 8;
  const at::Tensor rest = weights - weights.to(torch::kHalf).to(weights.scalar_type());
  const at::Tensor padding = torch::zeros({kGroup - weights.size(0), weights.size(1)}, weights.options());
  return pack_weights(torch::cat({weights, padding, rest}), 1);
}

at::Tensor pack_weights_for_warpgroups(const at::Tensor& weights) {
  constexpr std::int64_t kSide = 8;  // of a matrix that the tensor cores read
  const std::int64_t steps = siren_steps(static_cast<int>(weights.size(1)));
  const std::int64_t output_steps = siren_steps(static_cast<int>(weights.size(0)));
  const at::Tensor all = torch::constant_pad_nd(
      weights, {0, steps * kSirenStep - weights.size(1), 0, output_steps * kSirenStep - weights.size(0)});
  return all.view({2 * output_steps, kSide, steps, 2, kSide})
      .permute({2, 0, 3, 1, 4})
      .to(torch::kHalf)
      .contiguous();
}

}  // namespace tha4
