#include "tha4/image/compositing.h"

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

std::uint8_t blend_level(std::uint8_t front, std::uint8_t back, std::uint8_t alpha) {
  const auto& linear = linear_levels();
  const float fraction = static_cast<float>(alpha) / 255;
  return srgb_levels()(linear[front] * fraction + linear[back] * (1 - fraction));
}

/// \p background_at gives the colour behind the pixel (x, y).
template <class BackgroundAt>
RgbaImage blend(const RgbaImage& image, const BackgroundAt& background_at) {
  check_consistent(image);
  RgbaImage result = image;
  std::uint8_t* pixel = result.pixels.data();
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x, pixel += 4) {
      if (pixel[3] == 255) continue;
      const SrgbColor back = background_at(x, y);
      if (pixel[3] == 0) {
        pixel[0] = back.red;
        pixel[1] = back.green;
        pixel[2] = back.blue;
      } else {
        pixel[0] = blend_level(pixel[0], back.red, pixel[3]);
        pixel[1] = blend_level(pixel[1], back.green, pixel[3]);
        pixel[2] = blend_level(pixel[2], back.blue, pixel[3]);
      }
      pixel[3] = 255;
    }
  }
  return result;
}

}  // namespace

at::Tensor lay_over(const at::Tensor& image_tensor, SrgbColor background) {
  if (image_tensor.dim() < 3 || image_tensor.size(-3) != 4) {
    throw Error("an image tensor must have the shape [..., 4, H, W]");
  }
  const auto& linear = linear_levels();
  const at::Tensor back =
      torch::tensor({linear[background.red], linear[background.green], linear[background.blue]})
          .to(image_tensor.options())
          .view({3, 1, 1});
  const at::Tensor alpha = (image_tensor.narrow(-3, 3, 1) * 0.5 + 0.5).clamp(0, 1);
  const at::Tensor colors = image_tensor.narrow(-3, 0, 3) + 2 * (1 - alpha) * back;
  return torch::cat({colors, torch::ones_like(alpha)}, -3);
}

RgbaImage lay_over(const RgbaImage& image, SrgbColor background) {
  return blend(image, [&](int, int) { return background; });
}

RgbaImage lay_over_checkerboard(const RgbaImage& image) {
  constexpr int kSquare = 16;
  constexpr SrgbColor kGrey{204, 204, 204};
  return blend(image,
               [&](int x, int y) { return (x / kSquare + y / kSquare) % 2 == 0 ? SrgbColor{} : kGrey; });
}

at::Tensor crop(const at::Tensor& tensor, const Region& region) {
  if (tensor.dim() < 2) throw Error("a tensor of images must have the shape [..., H, W]");
  check_region(region, static_cast<int>(tensor.size(-1)), static_cast<int>(tensor.size(-2)));
  return tensor.narrow(-2, region.y, region.height).narrow(-1, region.x, region.width);
}

at::Tensor resize(const at::Tensor& tensor, int width, int height) {
  if (tensor.dim() != 3 && tensor.dim() != 4)
    throw Error("a tensor to scale must be [C, H, W] or [N, C, H, W]");
  if (width <= 0 || height <= 0) throw Error("an image cannot be scaled to nothing");
  const at::Tensor batch = tensor.dim() == 3 ? tensor.unsqueeze(0) : tensor;
  const bool shrinks = width <= tensor.size(-1) && height <= tensor.size(-2);
  const at::Tensor scaled = shrinks ? at::adaptive_avg_pool2d(batch, {height, width})
                                    : at::upsample_bilinear2d(batch, {height, width}, false);
  return tensor.dim() == 3 ? scaled.squeeze(0) : scaled;
}

}  // namespace tha4
