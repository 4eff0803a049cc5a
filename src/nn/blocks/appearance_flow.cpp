#include "tha4/nn/blocks/appearance_flow.h"

#include <torch/types.h>

#include "tha4/image/compositing.h"

namespace tha4 {

at::Tensor identity_grid(std::int64_t height, std::int64_t width, const at::TensorOptions& options) {
  const auto centres = [&](std::int64_t count) {
    return torch::linspace(-1, 1, count, options) * (count - 1) / count;
  };
  const auto x = centres(width).view({1, 1, width, 1}).expand({1, height, width, 1});
  const auto y = centres(height).view({1, height, 1, 1}).expand({1, height, width, 1});
  return torch::cat({x, y}, 3);
}

at::Tensor apply_flow(const at::Tensor& image, const at::Tensor& flow) {
  const auto type = at::promote_types(at::promote_types(image.scalar_type(), flow.scalar_type()), at::kFloat);
  const auto grid = identity_grid(flow.size(2), flow.size(3), flow.options().dtype(type)) +
                    flow.permute({0, 2, 3, 1}).to(type);
  constexpr int kBilinear = 0;
  constexpr int kBorder = 1;
  return torch::grid_sampler(image.to(type), grid, kBilinear, kBorder, /*align_corners=*/false)
      .to(image.scalar_type());
}

at::Tensor blend(const at::Tensor& alpha, const at::Tensor& direct, const at::Tensor& warped) {
  return direct * alpha + warped * (1 - alpha);
}

at::Tensor paste(const at::Tensor& image, const at::Tensor& patch, const Region& region) {
  auto result = image.expand({patch.size(0), -1, -1, -1}).clone(at::MemoryFormat::Contiguous);
  crop(result, region).copy_(patch);
  return result;
}

at::Tensor interpolate(const at::Tensor& image, std::int64_t size) {
  return torch::upsample_bilinear2d(image, {size, size}, /*align_corners=*/false);
}

at::Tensor halved(const at::Tensor& image) {
  return interpolate(image, image.size(2) / 2);
}

}  // namespace tha4
