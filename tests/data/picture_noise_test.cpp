#include "picture_noise.h"

#include <cmath>

#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {
namespace {

double max_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

at::Tensor each(float value) {
  return torch::full({1, 1, 1, 1}, value);
}

/// Columns that are darker and lighter than grey by \p amount in turns, 20 pixels a side: two blocks and a
/// half.
at::Tensor stripes(double amount) {
  const at::Tensor axis = torch::arange(20, torch::kFloat);
  return (0.5 + (torch::remainder(axis, 2) * 2 - 1) * amount)
      .view({1, 1, 1, 20})
      .expand({1, 3, 20, 20})
      .clone();
}

TEST(PictureNoise, JpegRoundsAwayFineSteps) {
  const at::Tensor faint = with_jpeg_blocks(stripes(0.01), each(1));
  const at::Tensor blocks = faint.narrow(2, 0, 16).narrow(3, 0, 16);
  EXPECT_LE(max_difference(blocks, torch::full_like(blocks, 0.5)), 1.01 / 255);  // half a step of 16 / 8
  // What is no whole block stays, and so does what is stronger than the steps, more or less.
  EXPECT_LE(max_difference(faint.narrow(3, 16, 4), stripes(0.01).narrow(3, 16, 4)), 1e-6);
  EXPECT_LE(max_difference(with_jpeg_blocks(stripes(0.3), each(1)), stripes(0.3)), 0.15);
}

TEST(PictureNoise, FinerStepsChangeLess) {
  const at::Tensor colors = torch::linspace(0, 1, 3 * 16 * 16).view({1, 3, 16, 16}).sin().abs();
  EXPECT_EQ(max_difference(with_jpeg_blocks(colors, each(0)), colors), 0);
  const double fine = max_difference(with_jpeg_blocks(colors, each(0.05)), colors);
  EXPECT_LT(fine, 0.01);
  EXPECT_GT(max_difference(with_jpeg_blocks(colors, each(2)), colors), fine);
}

TEST(PictureNoise, GrainIsOfItsPlaceAndToBothSides) {
  const at::Tensor grey = torch::full({1, 3, 64, 64}, 0.5);
  const at::Tensor grain = with_grain(grey, each(0.1), each(0.3)) - grey;
  EXPECT_LE(grain.abs().max().item<double>(), 0.1 + 1e-6);
  EXPECT_NEAR(grain.mean().item<double>(), 0, 0.005);
  EXPECT_NEAR(grain.std().item<double>(), 0.1 / std::sqrt(3.0), 0.01);
  EXPECT_EQ(max_difference(with_grain(grey, each(0.1), each(0.3)) - grey, grain), 0);
  EXPECT_GT(max_difference(with_grain(grey, each(0.1), each(0.4)) - grey, grain), 0.05);
  EXPECT_EQ(max_difference(with_grain(grey, each(0), each(0.4)), grey), 0);
}

}  // namespace
}  // namespace tha4
