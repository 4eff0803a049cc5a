#include "tha4/poser/preview_sheet.h"

#include <algorithm>

#include "painted_poser.h"
#include <gtest/gtest.h>

#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

constexpr int kCell = kImageSize + kSheetGap;

/// Whether pixel (x, y) of picture \p index of a sheet of four columns is as in \p picture laid over white.
bool is_as_in(const RgbaImage& sheet, int index, const RgbaImage& picture, int x, int y) {
  const RgbaImage seen = lay_over(picture, SrgbColor{});
  const int left = kSheetGap + index % 4 * kCell;
  const int top = kSheetGap + index / 4 * (kCell + kSheetLabelHeight) + kSheetLabelHeight;
  const auto pixel = [](const RgbaImage& image, int column, int row) {
    return image.pixels.begin() + (static_cast<std::ptrdiff_t>(row) * image.width + column) * 4;
  };
  const auto found = pixel(sheet, left + x, top + y);
  return std::equal(found, found + 4, pixel(seen, x, y));
}

Pose pose_of(const char* parameter) {
  Pose pose{};
  pose[static_cast<std::size_t>(pose_parameter_index(parameter))] = 1;
  return pose;
}

TEST(PreviewSheet, HasSixteenPicturesInFourRows) {
  PaintedPoser poser({});
  const RgbaImage sheet = preview_sheet(poser);
  EXPECT_EQ(sheet.width, kSheetGap + 4 * kCell);
  EXPECT_EQ(sheet.height, kSheetGap + 4 * (kCell + kSheetLabelHeight));
  // In the closed eye and in the opened mouth.
  EXPECT_TRUE(is_as_in(sheet, 0, paint({}), 284, 133));
  EXPECT_TRUE(is_as_in(sheet, 2, paint({}, pose_of("eye_wink_left")), 284, 133));
  EXPECT_FALSE(is_as_in(sheet, 2, paint({}), 284, 133));
  EXPECT_TRUE(is_as_in(sheet, 4, paint({}, pose_of("mouth_aaa")), 256, 192));
  EXPECT_FALSE(is_as_in(sheet, 4, paint({}), 256, 192));
}

TEST(PreviewSheet, ShowsTheHeadBoxOnTheFirstPictureWhereItShould) {
  PaintedPoser poser({});
  const RgbaImage plain = preview_sheet(poser), boxed = preview_sheet(poser, HeadBox::shown);
  EXPECT_TRUE(is_as_in(plain, 0, paint({}), 191, 63));
  for (const auto& [x, y] : {std::pair{191, 63}, {320, 63}, {191, 192}, {320, 192}, {256, 63}, {191, 128}}) {
    EXPECT_FALSE(is_as_in(boxed, 0, paint({}), x, y)) << x << ", " << y;
    EXPECT_TRUE(is_as_in(boxed, 1, paint({}), x, y)) << x << ", " << y;
  }
  EXPECT_TRUE(is_as_in(boxed, 0, paint({}), 192, 64)) << "the box itself is left as it is";
}

TEST(HeadBox, IsDrawnAsFarAsAWindowShowsIt) {
  const auto is_drawn = [](const RgbaImage& image, int x, int y) {
    return image.pixels[(static_cast<std::size_t>(y) * image.width + x) * 4 + 3] == 255;
  };
  RgbaImage part(100, 50);
  draw_head_box(part, {kImageSize, {180, 40, 100, 50}});
  EXPECT_TRUE(is_drawn(part, 191 - 180, 63 - 40));
  EXPECT_TRUE(is_drawn(part, 99, 63 - 40));
  EXPECT_FALSE(is_drawn(part, 10, 22));
  RgbaImage large(1024, 1024);
  draw_head_box(large, FrameWindow::whole(1024));
  EXPECT_TRUE(is_drawn(large, 2 * 192 - 1, 2 * 64 - 1));
  EXPECT_TRUE(is_drawn(large, 2 * 320, 2 * 192));
}

}  // namespace
}  // namespace tha4
