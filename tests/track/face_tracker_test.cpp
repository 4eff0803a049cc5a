#include "tha4/track/face_tracker.h"

#include <cmath>
#include <numbers>
#include <random>

#include "face_cases.h"
#include <gtest/gtest.h>

namespace tha4 {
namespace {

/// The points of the fourth of four pictures, as the fixture's are.
std::optional<FacePoints> found_after_some(FaceTracker& tracker, const RgbaImage& picture) {
  for (int i = 0; i < 3; ++i) tracker.find(view_of(picture));
  return tracker.find(view_of(picture));
}

float mean_distance(const std::array<FacePoint, kFacePoints>& a,
                    const std::array<FacePoint, kFacePoints>& b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::hypot(a[i].x - b[i].x, a[i].y - b[i].y);
  return sum / static_cast<float>(a.size());
}

TEST(FaceTracker, FindsWhatMediaPipeFinds) {
  FaceTracker tracker(project_models());
  const std::optional<FacePoints> face = found_after_some(tracker, face_picture());
  ASSERT_TRUE(face);
  EXPECT_GT(face->presence, 0.99F);
  // MediaPipe's crop of the picture is another one each time: its points differ by that much from picture to
  // picture.
  EXPECT_LT(mean_distance(face->points, true_face()), 0.5F);
}

TEST(FaceTracker, FollowsAFaceThatIsTurnedAndLarger) {
  FaceTracker tracker(project_models());
  for (const float degrees : {0.0F, 12.0F, 25.0F, 12.0F, 0.0F, -20.0F}) {
    const float scale = 1.5F;
    const std::optional<FacePoints> face =
        found_after_some(tracker, turned_picture(face_picture(), degrees, scale));
    ASSERT_TRUE(face) << degrees;
    std::array<FacePoint, kFacePoints> expected = true_face();
    const float angle = degrees * std::numbers::pi_v<float> / 180;
    for (FacePoint& point : expected) {
      const float x = point.x - 128, y = point.y - 128;
      point.x = 192 + scale * (std::cos(angle) * x + std::sin(angle) * y);
      point.y = 192 + scale * (std::cos(angle) * y - std::sin(angle) * x);
    }
    EXPECT_LT(mean_distance(face->points, expected), 2.5F) << degrees;  // of a face 165 pixels wide
  }
}

TEST(FaceTracker, FindsNothingWhereNobodyIs) {
  FaceTracker tracker(project_models());
  RgbaImage picture(320, 240);
  EXPECT_FALSE(tracker.find(view_of(picture)));
  std::mt19937 random(3);
  for (std::uint8_t& value : picture.pixels) value = static_cast<std::uint8_t>(random());
  EXPECT_FALSE(tracker.find(view_of(picture)));
  EXPECT_FALSE(tracker.find({}));
  const RgbaImage one_pixel(1, 1);
  EXPECT_FALSE(tracker.find(view_of(one_pixel)));
}

TEST(FaceTracker, LosesAFaceThatGoesAndFindsItElsewhere) {
  FaceTracker tracker(project_models());
  ASSERT_TRUE(tracker.find(view_of(face_picture())));
  const RgbaImage empty(256, 256);
  EXPECT_FALSE(tracker.find(view_of(empty)));
  RgbaImage wide(640, 300);
  for (std::ptrdiff_t y = 0; y < 256; ++y) {
    std::copy_n(face_picture().pixels.begin() + y * 256 * 4, 256 * 4,
                wide.pixels.begin() + ((y + 40) * 640 + 380) * 4);
  }
  const std::optional<FacePoints> face = found_after_some(tracker, wide);
  ASSERT_TRUE(face);
  std::array<FacePoint, kFacePoints> expected = true_face();
  for (FacePoint& point : expected) point = {point.x + 380, point.y + 40, point.z};
  EXPECT_LT(mean_distance(face->points, expected), 1);
}

TEST(FaceTracker, OfAStillPictureGivesStillPoints) {
  FaceTracker tracker(project_models());
  for (int i = 0; i < 10; ++i) tracker.find(view_of(face_picture()));
  const std::optional<FacePoints> before = tracker.find(view_of(face_picture()));
  const std::optional<FacePoints> after = tracker.find(view_of(face_picture()));
  ASSERT_TRUE(before && after);
  EXPECT_LT(mean_distance(before->points, after->points), 0.02F);
}

}  // namespace
}  // namespace tha4
