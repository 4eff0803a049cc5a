#include "tha4/metrics/seen_picture.h"

#include <torch/types.h>

#include "tha4/image/color.h"

namespace tha4 {

at::Tensor seen_pictures(const at::Tensor& image_tensors, SrgbColor background) {
  const at::Tensor colors = lay_over(image_tensors.to(torch::kFloat32), background).narrow(1, 0, 3);
  return (linear_to_srgb(colors * 0.5 + 0.5) * 255).round() / 255;
}

at::Tensor seen_picture(const RgbaImage& image, SrgbColor background) {
  RgbaImage opaque = lay_over(image, background);
  const at::Tensor pixels =
      torch::from_blob(opaque.pixels.data(), {1, opaque.height, opaque.width, 4}, torch::kByte);
  return pixels.permute({0, 3, 1, 2}).narrow(1, 0, 3).to(torch::kFloat32).contiguous() / 255;
}

RgbaImage to_opaque_image(const at::Tensor& seen_picture) {
  const at::Tensor levels =
      (seen_picture.cpu().clamp(0, 1) * 255).round().to(torch::kByte).permute({1, 2, 0}).contiguous();
  RgbaImage image(static_cast<int>(levels.size(1)), static_cast<int>(levels.size(0)));
  const std::uint8_t* level = levels.data_ptr<std::uint8_t>();
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = i % 4 == 3 ? 255 : *level++;
  return image;
}

RgbaImage seen_difference(const at::Tensor& a, const at::Tensor& b, double gain) {
  return to_opaque_image((a - b).abs() * gain);
}

}  // namespace tha4
