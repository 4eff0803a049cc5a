#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// Peak signal-to-noise ratio in dB of each image of a batch, for a peak of 1, over all channels and pixels.
/// \param a, b  [N, C, H, W], values in [0, 1]
/// \return float64 [N]; infinite where the images are equal
at::Tensor psnr(const at::Tensor& a, const at::Tensor& b);

/// PSNR of image tensors [N, 4, H, W] as the networks see them: RGBA, linear light, premultiplied, mapped to
/// [0, 1]. The figure of the paper's tables 5 to 7.
at::Tensor network_psnr(const at::Tensor& a, const at::Tensor& b);

/// PSNR of image tensors [N, 4, H, W] as a viewer sees them: sRGB, laid over white.
at::Tensor viewer_psnr(const at::Tensor& a, const at::Tensor& b);

}  // namespace tha4
