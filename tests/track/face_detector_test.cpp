#include "face_detector.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "face_cases.h"
#include "face_mesh.h"
#include "one_euro_filter.h"
#include <gtest/gtest.h>

namespace tha4 {
namespace {

constexpr std::size_t kCount = 896;

TEST(FaceDetector, DecodesABoxFromTheMiddleOfItsCell) {
  std::vector<float> scores(kCount, -20), boxes(kCount * 16);
  // Of the 16x16 cells, the second box of the cell of column 3 and row 2; of the 8x8 cells, the last box of
  // all.
  const std::size_t first = 2 * (2 * 16 + 3) + 1, last = kCount - 1;
  scores[first] = 3;
  const float box[] = {12.8F, -6.4F, 25.6F, 51.2F, -12.8F, 1.28F, 12.8F, 2.56F};
  std::copy(std::begin(box), std::end(box), boxes.begin() + static_cast<std::ptrdiff_t>(first * 16));
  scores[last] = 0;  // half sure
  const std::vector<DetectedFace> faces = decode_faces(scores, boxes);
  ASSERT_EQ(faces.size(), 2U);
  const float x = 3.5F / 16, y = 2.5F / 16;
  EXPECT_NEAR(faces[0].score, 1 / (1 + std::exp(-3.0)), 1e-6);
  EXPECT_NEAR(faces[0].left, x + 0.1 - 0.1, 1e-6);
  EXPECT_NEAR(faces[0].right, x + 0.1 + 0.1, 1e-6);
  EXPECT_NEAR(faces[0].top, y - 0.05 - 0.2, 1e-6);
  EXPECT_NEAR(faces[0].bottom, y - 0.05 + 0.2, 1e-6);
  EXPECT_NEAR(faces[0].eyes[0][0], x - 0.1, 1e-6);
  EXPECT_NEAR(faces[0].eyes[1][1], y + 0.02, 1e-6);
  EXPECT_NEAR(faces[1].left, 7.5 / 8, 1e-6);
  EXPECT_NEAR(faces[1].bottom, 7.5 / 8, 1e-6);
}

TEST(FaceDetector, OfBoxesThatOverlapTakesTheMeanAndLeavesOthersOut) {
  const DetectedFace surest{.score = 0.9F, .left = 0.1F, .top = 0.1F, .right = 0.3F, .bottom = 0.3F};
  const DetectedFace near{.score = 0.6F, .left = 0.11F, .top = 0.1F, .right = 0.31F, .bottom = 0.3F};
  const DetectedFace other{.score = 0.8F, .left = 0.6F, .top = 0.6F, .right = 0.9F, .bottom = 0.9F};
  const std::optional<DetectedFace> face = surest_face({near, other, surest});
  ASSERT_TRUE(face);
  EXPECT_FLOAT_EQ(face->score, 0.9F);
  EXPECT_NEAR(face->left, (0.9 * 0.1 + 0.6 * 0.11) / 1.5, 1e-6);
  EXPECT_NEAR(face->bottom, 0.3, 1e-6);
  EXPECT_FALSE(surest_face({}));
}

TEST(PictureCrop, OfWholePixelsIsACopy) {
  const RgbaImage& picture = face_picture();
  std::vector<float> out(std::size_t{64} * 64 * 4);
  crop_picture(view_of(picture), {132, 102, 64, 0}, PictureEdge::repeated, 64, 1, 0, out);
  for (std::size_t y = 0; y < 64; ++y) {
    for (std::size_t x = 0; x < 64; ++x) {
      for (std::size_t channel = 0; channel < 3; ++channel) {
        ASSERT_NEAR(out[(y * 64 + x) * 4 + channel], picture.pixels[((y + 70) * 256 + x + 100) * 4 + channel],
                    1e-2);
      }
    }
  }
}

TEST(PictureCrop, OfWhatLiesOutsideIsBlackOrRepeated) {
  RgbaImage white(4, 4);
  std::fill(white.pixels.begin(), white.pixels.end(), std::uint8_t{255});
  std::vector<float> out(std::size_t{8} * 8 * 4);
  crop_picture(view_of(white), {2, 2, 8, 0}, PictureEdge::black, 8, 1, 0, out);
  EXPECT_EQ(out[0], 0);
  EXPECT_NEAR(out[std::size_t{4 * 8 + 4} * 4], 255, 1e-3);
  crop_picture(view_of(white), {2, 2, 8, 0.3F}, PictureEdge::repeated, 8, 1, 0, out);
  EXPECT_NEAR(out[0], 255, 1e-3);
}

TEST(FollowedSquare, StaysWhereAFaceStandsStillAndGoesWhereItGoes) {
  const PictureSquare before{200, 150, 180, 3.13F};
  const PictureSquare near = followed_square(before, {201, 149, 181, 3.135F});
  EXPECT_EQ(near.x, before.x);
  EXPECT_EQ(near.side, before.side);
  EXPECT_EQ(near.angle, before.angle);
  const PictureSquare far = followed_square(before, {260, 120, 200, -3.05F});
  EXPECT_FLOAT_EQ(far.x, 260);
  EXPECT_FLOAT_EQ(far.side, 200);
  EXPECT_NEAR(std::remainder(far.angle + 3.05F, 2 * std::numbers::pi_v<float>), 0,
              1e-5);  // the short way round
  const PictureSquare between = followed_square(before, {206, 150, 180, 3.13F});
  EXPECT_GT(between.x, 200);
  EXPECT_LT(between.x, 206);
}

TEST(OneEuroFilter, ReachesWhatStaysWithoutGoingBeyond) {
  OneEuroFilter filter;
  EXPECT_EQ(filter.next(1, 0, {1, 2, 0}), 0);  // no time has passed
  float before = 0;
  for (int i = 0; i < 60; ++i) {
    const float value = filter.next(1, 1.0F / 30, {1, 2, 0});
    EXPECT_GE(value, before);
    EXPECT_LE(value, 1);
    before = value;
  }
  EXPECT_NEAR(before, 1, 1e-3);
  filter.set(0.25F);
  EXPECT_NEAR(filter.next(0.25F, 1.0F / 30, {1, 2, 0}), 0.25, 1e-6);
}

TEST(OneEuroFilter, FollowsWhatIsFastSoonerThanWhatIsSlow) {
  const auto reached = [](float speed_factor) {
    OneEuroFilter filter;
    float value = 0;
    for (int i = 0; i < 3; ++i) value = filter.next(1, 1.0F / 30, {0.5F, speed_factor, 0});
    return value;
  };
  // Of a low-pass filter of 0.5 Hz, by its definition: 1 - (1 - a)^3 with a = dt / (dt + 1 / pi).
  const double a = (1.0 / 30) / (1.0 / 30 + std::numbers::inv_pi);
  EXPECT_NEAR(reached(0), 1 - std::pow(1 - a, 3), 1e-5);
  EXPECT_GT(reached(2), 0.8F);
}

}  // namespace
}  // namespace tha4
