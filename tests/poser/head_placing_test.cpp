#include "tha4/poser/head_placing.h"

#include "painted_poser.h"
#include <gtest/gtest.h>

#include "tha4/image/region.h"
#include "tha4/poser/picture_check.h"

namespace tha4 {
namespace {

bool is_about(const std::uint8_t* pixel, int red, int green, int blue) {
  const auto near = [](int value, int wanted) { return std::abs(value - wanted) < 40; };
  return pixel[3] > 128 && near(pixel[0], red) && near(pixel[1], green) && near(pixel[2], blue);
}

void add_pixel(MovedPixels& pixels, int x, int y) {
  pixels.x = (pixels.x * pixels.count + x) / (pixels.count + 1);
  pixels.y = (pixels.y * pixels.count + y) / (pixels.count + 1);
  ++pixels.count;
}

/// What a poser would move that knows the colours of the painted character's eyes and mouth, as far as they
/// are in the face crop. Mouths, which grow as they open, count eight times.
FaceMotion painted_motion(const RgbaImage& rest_image) {
  FaceMotion motion;
  MovedPixels eyes;
  const auto each = [&](auto use) {
    for (int y = kFaceCrop.y; y < kFaceCrop.y + kFaceCrop.height; ++y) {
      for (int x = kFaceCrop.x; x < kFaceCrop.x + kFaceCrop.width; ++x) {
        use(x, y, &rest_image.pixels[(static_cast<std::size_t>(y) * rest_image.width + x) * 4]);
      }
    }
  };
  each([&](int x, int y, const std::uint8_t* pixel) {
    if (is_about(pixel, 30, 40, 90)) add_pixel(eyes, x, y);
    if (is_about(pixel, 150, 30, 40)) add_pixel(motion.mouth, x, y);
  });
  each([&](int x, int y, const std::uint8_t* pixel) {
    if (is_about(pixel, 30, 40, 90)) add_pixel(x > eyes.x ? motion.left_eye : motion.right_eye, x, y);
  });
  motion.mouth.count *= 8;
  return motion;
}

/// The painted character in a picture of \p width and \p height, scaled, its corner at (x, y).
RgbaImage somewhere(int width, int height, double scale, double x, double y) {
  const RgbaImage character = paint({});
  RgbaImage picture(width, height);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      const auto from_x = static_cast<int>(std::floor((column + 0.5 - x) / scale));
      const auto from_y = static_cast<int>(std::floor((row + 0.5 - y) / scale));
      if (std::min(from_x, from_y) < 0 || std::max(from_x, from_y) >= kImageSize) continue;
      std::copy_n(&character.pixels[(static_cast<std::size_t>(from_y) * kImageSize + from_x) * 4], 4,
                  &picture.pixels[(static_cast<std::size_t>(row) * width + column) * 4]);
    }
  }
  return picture;
}

TEST(HeadPlacing, FindsHeadsOfAnySizeAnywhere) {
  for (const RgbaImage& picture : {somewhere(512, 512, 0.7, 140, 150), somewhere(1200, 900, 1.6, 300, 40),
                                   somewhere(400, 1600, 0.75, 0, 900), somewhere(700, 700, 2.2, -200, -60)}) {
    int measured = 0;
    const auto place = place_of_head(picture, [&](const RgbaImage& image) {
      ++measured;
      return painted_motion(image);
    });
    ASSERT_TRUE(place) << picture.width;
    EXPECT_LE(measured, 15);
    const FaceMotion motion = painted_motion(placed(picture, *place));
    EXPECT_EQ(check_face_motion(motion).size(), 0U);
    EXPECT_NEAR(head_size(motion), 1, 0.2) << picture.width;
    EXPECT_NEAR(motion.mouth.x, kUsualMouthX, 12) << picture.width;
    EXPECT_NEAR(motion.mouth.y, kUsualMouthY, 12) << picture.width;
  }
}

TEST(HeadPlacing, LeavesAloneWhatIsAsItShouldBe) {
  const auto place = place_of_head(paint({.right = 8, .down = -6}), painted_motion);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->scale, 1);
  EXPECT_EQ(place->x, 0);
  EXPECT_EQ(place->y, 0);
}

TEST(HeadPlacing, FindsNoHeadWhereThereIsNone) {
  EXPECT_FALSE(place_of_head(RgbaImage(300, 200), painted_motion)) << "nothing is drawn";
  EXPECT_FALSE(place_of_head(paint({.has_eyes = false}), painted_motion));
  EXPECT_FALSE(place_of_head(paint({.is_upside_down = true}), painted_motion));
}

TEST(HeadSize, IsKnownByTheDistancesOfEyesAndMouth) {
  const FaceMotion usual{.left_eye = {400, 282, 138}, .right_eye = {400, 230, 138}, .mouth = {400, 256, 182}};
  EXPECT_NEAR(head_size(usual), 1, 0.05);
  const FaceMotion small{.left_eye = {90, 269, 138}, .right_eye = {90, 243, 138}, .mouth = {120, 256, 160}};
  EXPECT_NEAR(head_size(small), 0.5, 0.05);
  FaceMotion exchanged = usual;
  std::swap(exchanged.left_eye, exchanged.right_eye);
  EXPECT_EQ(head_size(exchanged), 0) << "no face has its left eye on its right";
  EXPECT_EQ(head_size({}), 0);
}

}  // namespace
}  // namespace tha4
