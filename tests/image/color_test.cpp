#include "tha4/image/color.h"

#include <cmath>
#include <limits>

#include "test_picture.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using test::Pixel;
using test::pixel_at;

TEST(TransferFunction, HasThePublishedValues) {
  const at::Tensor srgb = torch::tensor({0.0, 0.04045, 0.5, 1.0, -0.5, 2.0}, torch::kFloat64);
  const at::Tensor linear =
      torch::tensor({0.0, 0.04045 / 12.92, std::pow(0.555 / 1.055, 2.4), 1.0, 0.0, 1.0}, torch::kFloat64);
  EXPECT_TRUE(torch::allclose(srgb_to_linear(srgb), linear, 1e-12, 1e-12));
}

TEST(TransferFunction, InverseUndoesIt) {
  const at::Tensor srgb = torch::linspace(0, 1, 4097, torch::kFloat64);
  EXPECT_LT((linear_to_srgb(srgb_to_linear(srgb)) - srgb).abs().max().item<double>(), 1e-9);
}

TEST(ImageTensor, PremultipliesInLinearLight) {
  RgbaImage image(3, 1);
  test::fill(image, 0, 0, 1, 1, {255, 0, 0, 128});
  test::fill(image, 1, 0, 2, 1, {188, 255, 0, 255});
  test::fill(image, 2, 0, 3, 1, {255, 255, 255, 0});
  const at::Tensor tensor = to_image_tensor(image);
  ASSERT_EQ(tensor.sizes(), (std::vector<std::int64_t>{4, 1, 3}));
  const auto value = [&](int c, int x) { return tensor[c][0][x].item<double>(); };
  EXPECT_NEAR(value(0, 0), 2 * (128 / 255.0) - 1, 1e-6);
  EXPECT_NEAR(value(1, 0), -1, 1e-6);
  EXPECT_NEAR(value(3, 0), 2 * (128 / 255.0) - 1, 1e-6);
  EXPECT_NEAR(value(0, 1), 2 * std::pow((188 / 255.0 + 0.055) / 1.055, 2.4) - 1, 1e-6);
  EXPECT_NEAR(value(3, 1), 1, 1e-6);
  EXPECT_NEAR(value(0, 2), -1, 1e-6);
}

TEST(ImageTensor, RoundTripIsTheIdentityForEveryLevelAndVisibleAlpha) {
  RgbaImage image(256, 255);
  for (int alpha = 1; alpha <= 255; ++alpha) {
    for (int level = 0; level < 256; ++level) {
      const auto l = static_cast<std::uint8_t>(level);
      test::fill(image, level, alpha - 1, level + 1, alpha,
                 {l, static_cast<std::uint8_t>(255 - l), static_cast<std::uint8_t>(l ^ 0x55),
                  static_cast<std::uint8_t>(alpha)});
    }
  }
  EXPECT_EQ(to_rgba_image(to_image_tensor(image)).pixels, image.pixels);
}

TEST(ImageTensor, BecomesTheNearestImage) {
  const at::Tensor linear = torch::linspace(0, 1, 20011);
  const at::Tensor tensor =
      torch::stack({linear, linear, linear, torch::ones_like(linear)}).unsqueeze(1) * 2 - 1;
  const RgbaImage image = to_rgba_image(tensor);
  const at::Tensor exact = linear_to_srgb(linear.to(torch::kFloat64)) * 255;
  for (int i = 0; i < image.width; ++i) {
    ASSERT_NEAR(pixel_at(image, i, 0)[1], exact[i].item<double>(), 0.501) << i;
  }
}

TEST(ImageTensor, WholeBatchesAreConvertedAlike) {
  RgbaImage image(64, 16);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(i * 37 % 256);
  const at::Tensor bytes =
      torch::from_blob(image.pixels.data(), {1, 16, 64, 4}, torch::kUInt8).repeat({2, 1, 1, 1});
  const at::Tensor batch = to_image_tensors(bytes);
  for (int i = 0; i < 2; ++i) EXPECT_LE((batch[i] - to_image_tensor(image)).abs().max().item<double>(), 1e-7);
  EXPECT_THROW(to_image_tensors(bytes.to(torch::kFloat)), Error);
}

TEST(ImageTensor, InvisiblePixelsBecomeTransparentBlack) {
  RgbaImage image(1, 1);
  test::fill(image, 0, 0, 1, 1, {255, 128, 3, 0});
  EXPECT_EQ(pixel_at(to_rgba_image(to_image_tensor(image)), 0, 0), (Pixel{0, 0, 0, 0}));
  const at::Tensor faint = torch::tensor({0.0F, 0.0F, 0.0F, -0.998F}).view({4, 1, 1});
  EXPECT_EQ(pixel_at(to_rgba_image(faint), 0, 0), (Pixel{0, 0, 0, 0}));
}

TEST(ImageTensor, ClampsWhatNetworksMayProduce) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor wild = torch::tensor({7.0F, -3.0F, nan, 1.5F}).view({4, 1, 1});
  EXPECT_EQ(pixel_at(to_rgba_image(wild), 0, 0), (Pixel{255, 0, 0, 255}));
}

TEST(ImageTensor, RefusesOtherShapes) {
  EXPECT_THROW(to_rgba_image(torch::zeros({3, 2, 2})), Error);
  EXPECT_THROW(to_rgba_image(torch::zeros({1, 4, 2, 2})), Error);
  RgbaImage broken(2, 2);
  broken.pixels.pop_back();
  EXPECT_THROW(to_image_tensor(broken), Error);
}

TEST(SrgbOnWhite, ShowsWhiteThroughTransparency) {
  RgbaImage image(3, 1);
  test::fill(image, 1, 0, 2, 1, {0, 0, 0, 128});
  test::fill(image, 2, 0, 3, 1, {10, 20, 30, 255});
  const at::Tensor seen = srgb_on_white(to_image_tensor(image).expand({2, 4, 1, 3}));
  ASSERT_EQ(seen.sizes(), (std::vector<std::int64_t>{2, 3, 1, 3}));
  EXPECT_NEAR(seen[1][0][0][0].item<double>(), 1, 1e-6);
  // Half of the white's light remains: sRGB of 127/255 of full light.
  EXPECT_NEAR(seen[1][1][0][1].item<double>(), 1.055 * std::pow(127 / 255.0, 1 / 2.4) - 0.055, 1e-5);
  EXPECT_NEAR(seen[0][2][0][2].item<double>(), 30 / 255.0, 1e-5);
}

}  // namespace
}  // namespace tha4
