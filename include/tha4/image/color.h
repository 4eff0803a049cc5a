#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/image/rgba_image.h"

// The one place where files' colours (straight alpha, sRGB, 8 bits) and the networks' colours (premultiplied,
// linear light, [-1, 1]) meet. An *image tensor* is float [4, H, W] or [N, 4, H, W], channels R, G, B, A.

namespace tha4 {

/// sRGB transfer function and its inverse, elementwise on values in [0, 1]; values outside are clamped first.
at::Tensor srgb_to_linear(const at::Tensor& srgb);
at::Tensor linear_to_srgb(const at::Tensor& linear);

/// The image tensor [4, H, W] of \p image.
at::Tensor to_image_tensor(const RgbaImage& image);

/// Image tensors [N, 4, H, W] of 8-bit images as files hold them, uint8 [N, H, W, 4], computed on the device
/// on which they are: a quarter of the bytes travels to it.
at::Tensor to_image_tensors(const at::Tensor& images);

/// The nearest 8-bit image of an image tensor [4, H, W]; values outside [-1, 1] are clamped. Pixels of
/// (almost) no alpha become transparent black.
RgbaImage to_rgba_image(const at::Tensor& image_tensor);

/// sRGB values in [0, 1] of an image tensor [..., 4, H, W] laid over a white background: [..., 3, H, W]. What
/// is seen, for reports and for the seen PSNR.
at::Tensor srgb_on_white(const at::Tensor& image_tensor);

}  // namespace tha4
