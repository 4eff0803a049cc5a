#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// The means of 2x2 pixels: [N, C, H, W] to [N, C, H / 2, W / 2], of the same type.
at::Tensor half_resolution(const at::Tensor& x);

/// Every pixel four times: [N, C, H, W] to [N, C, 2 H, 2 W], of the same type.
at::Tensor double_resolution(const at::Tensor& x);

}  // namespace tha4
