#include <algorithm>

#include "test_picture.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/image/color.h"
#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

using test::Pixel;
using test::pixel_at;

constexpr Pixel kWhite{255, 255, 255, 255};
constexpr Pixel kBlue{0, 0, 255, 255};

RgbaImage blue_image(int width, int height) {
  RgbaImage image(width, height);
  test::fill(image, 0, 0, width, height, kBlue);
  return image;
}

TEST(ContactSheet, LaysPicturesInRows) {
  const std::vector<RgbaImage> images(5, blue_image(10, 6));
  const RgbaImage sheet = contact_sheet(images, {.columns = 3});
  ASSERT_EQ(sheet.width, kSheetGap + 3 * (10 + kSheetGap));
  ASSERT_EQ(sheet.height, kSheetGap + 2 * (6 + kSheetGap));
  int blue = 0;
  for (int y = 0; y < sheet.height; ++y) {
    for (int x = 0; x < sheet.width; ++x) {
      const int column = (x - kSheetGap) / (10 + kSheetGap);
      const int row = (y - kSheetGap) / (6 + kSheetGap);
      const bool inside = x >= kSheetGap && y >= kSheetGap && (x - kSheetGap) % (10 + kSheetGap) < 10 &&
                          (y - kSheetGap) % (6 + kSheetGap) < 6 && row * 3 + column < 5;
      ASSERT_EQ(pixel_at(sheet, x, y), inside ? kBlue : kWhite) << x << "," << y;
      blue += inside ? 1 : 0;
    }
  }
  EXPECT_EQ(blue, 5 * 60);
}

TEST(ContactSheet, IsNarrowForFewAndCentresSmallPictures) {
  const RgbaImage sheet = contact_sheet({blue_image(20, 10), blue_image(4, 4)}, {.columns = 8});
  ASSERT_EQ(sheet.width, kSheetGap + 2 * (20 + kSheetGap));
  const int x = 2 * kSheetGap + 20;
  EXPECT_EQ(pixel_at(sheet, x + 7, kSheetGap + 5), kWhite);
  EXPECT_EQ(pixel_at(sheet, x + 8, kSheetGap + 3), kBlue);
  EXPECT_EQ(pixel_at(sheet, x + 11, kSheetGap + 6), kBlue);
  EXPECT_EQ(pixel_at(sheet, x + 12, kSheetGap + 6), kWhite);
}

TEST(ContactSheet, WritesLabelsAbovePicturesOnly) {
  const std::string longer = "a label that is far too long for such a narrow picture";
  const RgbaImage sheet = contact_sheet(std::vector<RgbaImage>(2, blue_image(60, 10)),
                                        {.columns = 1, .labels = {"rest", longer}});
  ASSERT_EQ(sheet.height, kSheetGap + 2 * (kSheetLabelHeight + 10 + kSheetGap));
  for (int row = 0; row < 2; ++row) {
    const int top = kSheetGap + row * (kSheetLabelHeight + 10 + kSheetGap);
    int ink = 0;
    for (int y = top; y < top + kSheetLabelHeight; ++y) {
      for (int x = 0; x < sheet.width; ++x) ink += pixel_at(sheet, x, y)[0] < 128 ? 1 : 0;
    }
    EXPECT_GT(ink, 5);
    for (int y = 0; y < 10; ++y) {
      ASSERT_EQ(pixel_at(sheet, kSheetGap + 30, top + kSheetLabelHeight + y), kBlue);
    }
  }
}

TEST(ContactSheet, ShowsTransparencyAsWhite) {
  const RgbaImage white = contact_sheet({RgbaImage(40, 40)});
  EXPECT_TRUE(std::all_of(white.pixels.begin(), white.pixels.end(), [](auto v) { return v == 255; }));
}

TEST(ContactSheet, RefusesWrongUse) {
  EXPECT_THROW(contact_sheet({}), Error);
  EXPECT_THROW(contact_sheet({RgbaImage()}), Error);
  EXPECT_THROW(contact_sheet({blue_image(2, 2)}, {.columns = 0}), Error);
  EXPECT_THROW(contact_sheet({blue_image(2, 2)}, {.labels = {"a", "b"}}), Error);
  const std::vector<RgbaImage> many(1000, RgbaImage(512, 64));
  test::expect_contains(test::input_error_of([&] { contact_sheet(many, {.columns = 1000}); }),
                        {"1000 pictures", "too large"});
}

TEST(DifferenceImage, AmplifiesWhatIsSeen) {
  RgbaImage a(3, 1);
  RgbaImage b(3, 1);
  test::fill(a, 0, 0, 1, 1, {100, 50, 200, 255});
  test::fill(b, 0, 0, 1, 1, {110, 50, 190, 255});
  test::fill(a, 1, 0, 2, 1, {255, 255, 255, 255});  // the same as nothing, on white
  test::fill(a, 2, 0, 3, 1, {0, 0, 0, 255});
  const RgbaImage difference = difference_image(to_image_tensor(a), to_image_tensor(b), 5);
  EXPECT_EQ(pixel_at(difference, 0, 0), (Pixel{50, 0, 50, 255}));
  EXPECT_EQ(pixel_at(difference, 1, 0), (Pixel{0, 0, 0, 255}));
  EXPECT_EQ(pixel_at(difference, 2, 0), kWhite);
  EXPECT_THROW(difference_image(torch::zeros({4, 2, 2}), torch::zeros({4, 2, 3})), Error);
}

TEST(GreyImage, HasTheLevels) {
  const at::Tensor values = torch::tensor({0.0F, 0.2F, 1.0F, 1.7F}).view({1, 1, 4});
  const RgbaImage image = grey_image(values);
  EXPECT_EQ(pixel_at(image, 0, 0), (Pixel{0, 0, 0, 255}));
  EXPECT_EQ(pixel_at(image, 1, 0), (Pixel{51, 51, 51, 255}));
  EXPECT_EQ(pixel_at(image, 3, 0), kWhite);
  EXPECT_EQ(grey_image(values[0]).pixels, image.pixels);
  EXPECT_THROW(grey_image(torch::zeros({3, 2, 2})), Error);
}

}  // namespace
}  // namespace tha4
