#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// Multi-scale structural similarity (Wang et al. 2003) of pairs of images, by the windows and constants of
/// ssim() in float32, whatever the autocast around it: of each channel the product of contrast and structure
/// in every level but the coarsest and of the whole similarity there, each to the power of 1 / levels; then
/// the mean over channels and images. All levels count the same, where the paper's exponents, which follow
/// people's eyes, have next to nothing for the finest: sharp edges are what this is for. Gradients flow.
/// \param a, b    [N, C, H, W], values in [-1, 1], at least 11 * 2^(levels - 1) pixels on each side
/// \param levels  at least 1, each half as fine as the one before; of one level it is ssim()
/// \return a scalar; 1 where the images are equal
at::Tensor multi_scale_ssim(const at::Tensor& a, const at::Tensor& b, int levels);

}  // namespace tha4
