#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// Structural similarity (Wang et al. 2004) of each pair of images of a batch: by a Gaussian window of
/// standard deviation 1.5 and 11x11 pixels, population covariances and a data range of 1; the mean over the
/// channels and over the pixels whose window lies within the image. Throws InputError for smaller images.
/// \param a, b  [N, C, H, W], values in [0, 1]
/// \return float64 [N]; 1 where the images are equal
at::Tensor ssim(const at::Tensor& a, const at::Tensor& b);

}  // namespace tha4
