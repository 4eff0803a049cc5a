#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/image/compositing.h"
#include "tha4/image/rgba_image.h"

// A *seen picture* is what a viewer sees of an image: laid over a colour in linear light, as 8-bit sRGB. As a
// tensor it is float32 [N, 3, H, W], of multiples of 1/255 in [0, 1].

namespace tha4 {

/// Image tensors [N, 4, H, W] as seen pictures, on the same device.
at::Tensor seen_pictures(const at::Tensor& image_tensors, SrgbColor background = {});

/// The seen picture [1, 3, H, W] of \p image, on the CPU.
at::Tensor seen_picture(const RgbaImage& image, SrgbColor background = {});

/// One seen picture [3, H, W] as an opaque image.
RgbaImage to_opaque_image(const at::Tensor& seen_picture);

/// The absolute difference, times \p gain, of two seen pictures [3, H, W]; black where they agree.
RgbaImage seen_difference(const at::Tensor& a, const at::Tensor& b, double gain = 4.0);

}  // namespace tha4
