#include "tha4/image/compositing.h"

#include "test_picture.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/image/color.h"

namespace tha4 {
namespace {

using test::Pixel;
using test::pixel_at;

RgbaImage half_transparent() {
  RgbaImage image(3, 1);
  test::fill(image, 1, 0, 2, 1, {255, 0, 0, 128});
  test::fill(image, 2, 0, 3, 1, {1, 2, 3, 255});
  return image;
}

TEST(LayOver, AddsLightLinearly) {
  const RgbaImage result = lay_over(half_transparent(), SrgbColor{0, 0, 255});
  EXPECT_EQ(pixel_at(result, 0, 0), (Pixel{0, 0, 255, 255}));
  // 128/255 of full light is sRGB level 188, 127/255 is 187.
  EXPECT_EQ(pixel_at(result, 1, 0), (Pixel{188, 0, 187, 255}));
  EXPECT_EQ(pixel_at(result, 2, 0), (Pixel{1, 2, 3, 255}));
}

TEST(LayOver, IsTheSameForTensors) {
  const RgbaImage image = half_transparent();
  const SrgbColor background{10, 200, 77};
  const at::Tensor batch = to_image_tensor(image).unsqueeze(0);
  const at::Tensor result = lay_over(batch, background);
  ASSERT_EQ(result.sizes(), batch.sizes());
  EXPECT_EQ(to_rgba_image(result[0]).pixels, lay_over(image, background).pixels);
}

TEST(LayOver, WhiteIsWhatReportsSee) {
  const at::Tensor tensor = to_image_tensor(half_transparent());
  const at::Tensor on_white = lay_over(tensor, SrgbColor{});
  const at::Tensor seen = linear_to_srgb(on_white.narrow(0, 0, 3) * 0.5 + 0.5);
  EXPECT_TRUE(torch::allclose(seen, srgb_on_white(tensor), 1e-5, 1e-5));
}

TEST(LayOver, CheckerboardAlternates) {
  const RgbaImage result = lay_over_checkerboard(RgbaImage(40, 40));
  EXPECT_EQ(pixel_at(result, 0, 0), pixel_at(result, 17, 17));
  EXPECT_NE(pixel_at(result, 0, 0), pixel_at(result, 17, 0));
  EXPECT_NE(pixel_at(result, 0, 0), pixel_at(result, 0, 17));
  EXPECT_EQ(pixel_at(result, 39, 39)[3], 255);
}

TEST(Crop, CutsOutTheRegion) {
  const at::Tensor tensor = torch::arange(24).view({2, 3, 4});
  EXPECT_TRUE(torch::equal(crop(tensor, {1, 2, 3, 1}), tensor.slice(1, 2, 3).slice(2, 1, 4)));
  EXPECT_TRUE(torch::equal(crop(tensor, {0, 0, 4, 3}), tensor));
}

TEST(Crop, RefusesRegionsThatReachOutside) {
  const at::Tensor tensor = torch::zeros({4, 30, 40});
  const Region wrong[] = {{-1, 0, 2, 2}, {0, -1, 2, 2}, {39, 0, 2, 2},          {0, 29, 2, 2},
                          {0, 0, 0, 5},  {0, 0, 5, -1}, {2147483647, 0, 40, 1}, {1, 0, 2147483647, 1}};
  for (const Region& region : wrong) {
    test::expect_contains(test::input_error_of([&] { crop(tensor, region); }), {"region", "40x30"});
  }
}

TEST(Resize, AveragesAreasAndInterpolates) {
  const at::Tensor tensor = torch::tensor({0.0F, 2.0F, 4.0F, 6.0F}).view({1, 2, 2});
  EXPECT_FLOAT_EQ(resize(tensor, 1, 1).item<float>(), 3);
  const at::Tensor wide = resize(tensor, 4, 2);
  ASSERT_EQ(wide.sizes(), (std::vector<std::int64_t>{1, 2, 4}));
  const at::Tensor expected = torch::tensor({0.0F, 0.5F, 1.5F, 2.0F});
  EXPECT_TRUE(torch::allclose(wide[0][0], expected));
  EXPECT_EQ(resize(torch::zeros({3, 4, 8, 8}), 4, 2).sizes(), (std::vector<std::int64_t>{3, 4, 2, 4}));
  EXPECT_THROW(resize(tensor, 0, 4), Error);
}

}  // namespace
}  // namespace tha4
