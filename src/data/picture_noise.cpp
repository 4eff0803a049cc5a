#include "picture_noise.h"

#include <array>
#include <numbers>
#include <vector>

#include <torch/types.h>

namespace tha4 {
namespace {

constexpr std::int64_t kBlock = 8;

/// The tables of quality 50 (ITU-T T.81, annex K), in levels of 8 bits.
constexpr std::array<float, 64> kLumaSteps = {
    16, 11,  10,  16, 24, 40, 51, 61, 12,  12,  14,  19,  26, 58, 60, 55,  14,  13,  16,  24, 40, 57,
    69, 56,  14,  17, 22, 29, 51, 87, 80,  62,  18,  22,  37, 56, 68, 109, 103, 77,  24,  35, 55, 64,
    81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98,  112, 100, 103, 99};
constexpr std::array<float, 64> kChromaSteps = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
    99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

at::Tensor there(const std::vector<float>& values, const at::Tensor& like) {
  return torch::tensor(values).to(like.device(), /*non_blocking=*/true);
}

/// [1, 3, 1, 1, 8, 8]: the steps of luma and chromas, of colours in [0, 1].
at::Tensor table_like(const at::Tensor& like) {
  std::vector<float> steps(kLumaSteps.begin(), kLumaSteps.end());
  for (int chroma = 0; chroma < 2; ++chroma) {
    steps.insert(steps.end(), kChromaSteps.begin(), kChromaSteps.end());
  }
  return there(steps, like).view({1, 3, 1, 1, kBlock, kBlock}) / 255;
}

/// The orthonormal cosine transform [8, 8], a frequency a row.
at::Tensor cosine_transform(const at::Tensor& like) {
  const at::Tensor axis = torch::arange(kBlock, like.options());
  const at::Tensor rows =
      (axis.view({kBlock, 1}) * (axis * 2 + 1).view({1, kBlock}) * (std::numbers::pi / (2 * kBlock))).cos() /
      2;
  return torch::where(axis.view({kBlock, 1}) == 0, rows / std::numbers::sqrt2, rows);
}

/// R, G and B to luma and chromas (ITU-R BT.601), [3, 3].
at::Tensor luma_chroma(const at::Tensor& like) {
  return there({0.299F, 0.587F, 0.114F, -0.168736F, -0.331264F, 0.5F, 0.5F, -0.418688F, -0.081312F}, like)
      .view({3, 3});
}

/// The opposite of luma_chroma().
at::Tensor from_luma_chroma(const at::Tensor& like) {
  return there({1, 0, 1.402F, 1, -0.344136F, -0.714136F, 1, 1.772F, 0}, like).view({3, 3});
}

at::Tensor mixed(const at::Tensor& matrix, const at::Tensor& colors) {
  return torch::matmul(matrix, colors.flatten(2)).view(colors.sizes());
}

}  // namespace

at::Tensor with_jpeg_blocks(const at::Tensor& colors, const at::Tensor& coarseness) {
  const std::int64_t count = colors.size(0), blocks = colors.size(2) / kBlock, side = blocks * kBlock;
  const at::Tensor whole = colors.narrow(2, 0, side).narrow(3, 0, side).contiguous();
  const at::Tensor tiles =
      mixed(luma_chroma(colors), whole).view({count, 3, blocks, kBlock, blocks, kBlock}).transpose(3, 4);
  const at::Tensor transform = cosine_transform(colors);
  const at::Tensor steps = table_like(colors) * coarseness.view({count, 1, 1, 1, 1, 1}).clamp_min(1e-3);
  const at::Tensor frequencies = torch::matmul(torch::matmul(transform, tiles), transform.t());
  const at::Tensor rounded = (frequencies / steps).round() * steps;
  const at::Tensor back = torch::matmul(torch::matmul(transform.t(), rounded), transform)
                              .transpose(3, 4)
                              .reshape({count, 3, side, side});
  at::Tensor result = colors.clone();
  result.narrow(2, 0, side)
      .narrow(3, 0, side)
      .copy_(torch::where(coarseness > 0, mixed(from_luma_chroma(colors), back).clamp(0, 1), whole));
  return result;
}

at::Tensor with_grain(const at::Tensor& colors, const at::Tensor& amount, const at::Tensor& place) {
  // A number for each pixel and channel that looks like chance, and is the same for the same place.
  const auto axis = [&](std::int64_t dimension) {
    std::vector<std::int64_t> shape(4, 1);
    shape[static_cast<std::size_t>(dimension)] = colors.size(dimension);
    return torch::arange(colors.size(dimension), colors.options()).view(shape);
  };
  const at::Tensor angle = axis(3) * 12.9898 + axis(2) * 78.233 + axis(1) * 37.719 + place * 500;
  return (colors + ((angle.sin() * 43758.5453).frac() * amount)).clamp(0, 1);
}

}  // namespace tha4
