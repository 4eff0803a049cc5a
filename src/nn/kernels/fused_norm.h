#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/normalization.h>

// The parts of a residual block between its convolutions, each as few passes over the picture on a GPU.
// LibTorch's own operations take some fifteen, most of them of float32 where the network computes in 16 bits,
// and group norm of theirs puts pictures that are stored channels-last into another order.

namespace tha4 {

/// Numbers as in the kernels.
enum class FusedActivation { none = 0, silu = 1 };

/// What is done besides normalising; undefined tensors for nothing.
struct NormSurroundings {
  at::Tensor offset{};  ///< [C], added before the norm: the bias of the convolution before
  at::Tensor scale{};   ///< [N, C], float32, that the norm's result is multiplied by
  at::Tensor shift{};   ///< [N, C], float32, added to that
  FusedActivation activation = FusedActivation::none;
};

/// Whether pictures like \p x, but of \p channels channels, can go through the functions below: on a GPU,
/// stored channels-last, of a usual width.
bool can_fuse(const at::Tensor& x, std::int64_t channels);

/// activation(scale * norm(x + offset) + shift), with gradients for all that is in it.
/// \param x  [N, C, H, W], as can_fuse() wants it
/// \return of \p x's type and layout
at::Tensor fused_group_norm(const at::Tensor& x, const torch::nn::GroupNorm& norm,
                            const NormSurroundings& surroundings);

/// x + bias + addition, with gradients.
/// \param x, addition  [N, C, H, W], as can_fuse() wants them, of one type
/// \param bias         [C]
at::Tensor fused_sum(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& addition);

}  // namespace tha4
