#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

/// An opaque image of sRGB values [3, H, W] in [0, 1].
RgbaImage opaque_image(const at::Tensor& srgb) {
  const at::Tensor linear = srgb_to_linear(srgb.to(torch::kFloat32).nan_to_num(0)) * 2 - 1;
  return to_rgba_image(torch::cat({linear, torch::ones_like(linear[0]).unsqueeze(0)}));
}

}  // namespace

RgbaImage difference_image(const at::Tensor& a, const at::Tensor& b, double gain) {
  if (a.dim() != 3 || a.sizes() != b.sizes()) {
    throw Error("only image tensors [4, H, W] of one size can be compared");
  }
  const torch::NoGradGuard no_grad;
  return opaque_image((srgb_on_white(a) - srgb_on_white(b)).abs() * gain);
}

RgbaImage grey_image(const at::Tensor& values) {
  if (values.dim() != 2 && (values.dim() != 3 || values.size(0) != 1)) {
    throw Error("levels of grey must have the shape [H, W] or [1, H, W]");
  }
  const torch::NoGradGuard no_grad;
  const at::Tensor plane = values.dim() == 2 ? values.unsqueeze(0) : values;
  return opaque_image(plane.expand({3, -1, -1}));
}

}  // namespace tha4
