#include "tha4/nn/kernels/absolute_difference.h"

#include <algorithm>

#include "absolute_difference_arguments.h"
#include "cuda_kernels.h"
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

namespace tha4 {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

CudaGrid grid_over(long long vectors) {
  constexpr long long kMaxBlocks = 2048;
  return {.x = static_cast<unsigned>(std::min(kMaxBlocks, (vectors + kKernelThreads - 1) / kKernelThreads)),
          .threads = kKernelThreads};
}

class MeanAbsoluteDifference : public torch::autograd::Function<MeanAbsoluteDifference> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& b) {
    const long long vectors = a.numel() / vector_length(a);
    const CudaGrid grid = grid_over(vectors);
    const at::Tensor sums =
        torch::empty({static_cast<std::int64_t>(grid.x)}, a.options().dtype(torch::kFloat));
    absolute_difference_program(a).launch(
        a.device(), grid,
        kernels::SumDifferences{
            .a = a.data_ptr(), .b = b.data_ptr(), .sums = sums.data_ptr<float>(), .count = vectors});
    context->save_for_backward({a, b});
    return sums.sum() / static_cast<double>(a.numel());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &a = saved[0], &b = saved[1];
    const long long vectors = a.numel() / vector_length(a);
    const at::Tensor gradient = gradients[0].to(torch::kFloat);
    at::Tensor da = torch::empty_like(a);
    absolute_difference_program(a).launch(
        a.device(), grid_over(vectors),
        kernels::DifferenceGradient{.a = a.data_ptr(),
                                    .b = b.data_ptr(),
                                    .gradient = gradient.data_ptr<float>(),
                                    .factor = static_cast<float>(1.0 / static_cast<double>(a.numel())),
                                    .da = da.data_ptr(),
                                    .count = vectors});
    return {da, at::Tensor()};
  }
};

bool can_be_one_pass(const at::Tensor& a, const at::Tensor& b) {
  return kernels_take(a) && a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() &&
         a.strides() == b.strides() && a.is_non_overlapping_and_dense() && a.numel() > 0 &&
         a.numel() % vector_length(a) == 0 && a.storage_offset() % vector_length(a) == 0 &&
         b.storage_offset() % vector_length(b) == 0 && !b.requires_grad();
}

}  // namespace

at::Tensor mean_absolute_difference(const at::Tensor& a, const at::Tensor& b) {
  if (can_be_one_pass(a, b)) return MeanAbsoluteDifference::apply(a, b);
  // Means of 16 bits would be too coarse.
  const auto type = c10::promoteTypes(a.scalar_type(), torch::kFloat);
  return torch::l1_loss(a.to(type), b.to(type));
}

}  // namespace tha4
