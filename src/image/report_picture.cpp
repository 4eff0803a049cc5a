#include <algorithm>
#include <numbers>
#include <vector>

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

RgbaImage flow_image(const at::Tensor& flow, double largest) {
  if (flow.dim() != 3 || flow.size(0) != 2) throw Error("a flow must have the shape [2, H, W]");
  const torch::NoGradGuard no_grad;
  const at::Tensor offsets = flow.to(torch::kFloat32).nan_to_num(0);
  const at::Tensor length = offsets.norm(2, 0);
  if (largest <= 0) largest = length.max().item<double>();
  const at::Tensor saturation = (length / std::max(largest, 1e-12)).clamp(0, 1);
  // Hue in sixths of the circle; each channel of a colour of full value is 1 less a trapezoid over the hue.
  const at::Tensor hue = torch::atan2(offsets[1], offsets[0]) * (3 / std::numbers::pi);
  std::vector<at::Tensor> channels;
  for (const double shift : {5.0, 3.0, 1.0}) {
    const at::Tensor position = (hue + shift).remainder(6);
    channels.push_back(1 - saturation * torch::minimum(position, 4 - position).clamp(0, 1));
  }
  return opaque_image(torch::stack(channels));
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
