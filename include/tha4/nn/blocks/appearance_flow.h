#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/TensorOptions.h>

#include "tha4/image/region.h"

// The image operations that every network of the teacher ends in (paper section 3): warping by an appearance
// flow and blending two images by an alpha map.

namespace tha4 {

/// The sampling grid that leaves an image as it is: pixel centres as [1, height, width, 2], x before y, the
/// whole image being [-1, 1].
at::Tensor identity_grid(std::int64_t height, std::int64_t width, const at::TensorOptions& options);

/// Samples \p image at the identity grid plus \p flow: bilinear, border padding, align_corners=false.
/// Positions are computed in float32 at least: in a 16-bit type they would be off by whole pixels.
/// \param image  [N, C, H, W]
/// \param flow   [N, 2, H, W], x before y, normalised to [-1, 1]
/// \return [N, C, H, W], of the type of \p image
at::Tensor apply_flow(const at::Tensor& image, const at::Tensor& flow);

/// (1 - alpha) * warped + alpha * direct; \p alpha is [N, 1, H, W] or [N, C, H, W].
at::Tensor blend(const at::Tensor& alpha, const at::Tensor& direct, const at::Tensor& warped);

/// A copy of \p image [N or 1, C, H, W] in which \p patch [N, C, h, w] covers \p region.
at::Tensor paste(const at::Tensor& image, const at::Tensor& patch, const Region& region);

/// \p image [N, C, H, W] at \p size by \p size pixels, bilinear, align_corners=false: how images pass between
/// networks of different resolutions.
at::Tensor interpolate(const at::Tensor& image, std::int64_t size);

/// interpolate() to half the size: 512x512 images as the half-resolution networks see them.
at::Tensor halved(const at::Tensor& image);

}  // namespace tha4
