#include "tha4/image/color.h"

#include <algorithm>
#include <sstream>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

void check_channels(const at::Tensor& tensor, bool one_image) {
  const bool right =
      tensor.defined() && (one_image ? tensor.dim() == 3 : tensor.dim() >= 3) && tensor.size(-3) == 4;
  if (right) return;
  std::ostringstream shape;
  if (tensor.defined()) shape << tensor.sizes();
  throw Error("an image tensor must have the shape [4, H, W], not " + shape.str());
}

}  // namespace

at::Tensor srgb_to_linear(const at::Tensor& srgb) {
  const at::Tensor value = srgb.clamp(0, 1);
  return torch::where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055).pow(2.4));
}

at::Tensor linear_to_srgb(const at::Tensor& linear) {
  const at::Tensor value = linear.clamp(0, 1);
  return torch::where(value <= 0.04045 / 12.92, value * 12.92, value.pow(1 / 2.4) * 1.055 - 0.055);
}

at::Tensor to_image_tensor(const RgbaImage& image) {
  check_consistent(image);
  at::Tensor tensor = torch::empty({4, image.height, image.width}, torch::kFloat32);
  const auto& linear = linear_levels();
  const std::size_t area = static_cast<std::size_t>(image.width) * image.height;
  float* const values = tensor.data_ptr<float>();
  const std::uint8_t* pixel = image.pixels.data();
  for (std::size_t i = 0; i < area; ++i, pixel += 4) {
    const float alpha = static_cast<float>(pixel[3]) / 255;
    for (std::size_t c = 0; c < 3; ++c) values[c * area + i] = linear[pixel[c]] * alpha * 2 - 1;
    values[3 * area + i] = alpha * 2 - 1;
  }
  return tensor;
}

at::Tensor to_image_tensors(const at::Tensor& images) {
  const bool right = images.dim() == 4 && images.size(3) == 4 && images.scalar_type() == torch::kUInt8;
  if (!right) throw Error("8-bit images must be uint8 [N, H, W, 4]");
  const auto& levels = linear_levels();
  const at::Tensor linear =
      torch::from_blob(const_cast<float*>(levels.data()), {std::ssize(levels)}, torch::kFloat32)
          .to(images.device(), /*non_blocking=*/true);
  const at::Tensor values = images.permute({0, 3, 1, 2});
  const at::Tensor alpha = values.narrow(1, 3, 1).to(torch::kFloat32) / 255;
  const at::Tensor colors = linear.index({values.narrow(1, 0, 3).to(torch::kLong)});
  return torch::cat({colors * alpha, alpha}, 1) * 2 - 1;
}

RgbaImage to_rgba_image(const at::Tensor& image_tensor) {
  check_channels(image_tensor, /*one_image=*/true);
  const at::Tensor source = image_tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  RgbaImage image(static_cast<int>(source.size(2)), static_cast<int>(source.size(1)));
  const std::size_t area = static_cast<std::size_t>(image.width) * image.height;
  const float* const values = source.data_ptr<float>();
  std::uint8_t* pixel = image.pixels.data();
  for (std::size_t i = 0; i < area; ++i, pixel += 4) {
    const auto rgba = rgba_pixel({values[i], values[area + i], values[2 * area + i], values[3 * area + i]});
    std::copy(rgba.begin(), rgba.end(), pixel);
  }
  return image;
}

at::Tensor srgb_on_white(const at::Tensor& image_tensor) {
  check_channels(image_tensor, /*one_image=*/false);
  const at::Tensor values = image_tensor * 0.5 + 0.5;
  const at::Tensor alpha = values.narrow(-3, 3, 1).clamp(0, 1);
  return linear_to_srgb(values.narrow(-3, 0, 3) + (1 - alpha));
}

}  // namespace tha4
