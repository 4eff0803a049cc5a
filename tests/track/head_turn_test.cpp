#include "head_turn.h"

#include <cmath>
#include <random>

#include "face_cases.h"
#include <gtest/gtest.h>

namespace tha4 {
namespace {

std::array<FacePoint, kFacePoints> turned_face(const HeadAngles& angles, float scale, FacePoint middle) {
  std::array<FacePoint, kFacePoints> face = true_face();
  const Rotation rotation = rotation_of(angles);
  for (FacePoint& point : face) {
    const FaceVector place = turned(rotation, {point.x - 128, point.y - 110, point.z});
    point = {scale * place[0] + middle.x, scale * place[1] + middle.y, scale * place[2] + middle.z};
  }
  return face;
}

TEST(HeadTurn, IsFoundWhateverThePlaceAndSize) {
  for (const HeadAngles& angles : {HeadAngles{}, HeadAngles{20, 0, 0}, HeadAngles{0, -35, 0},
                                   HeadAngles{0, 0, 40}, HeadAngles{-15, 30, -20}, HeadAngles{10, -50, 60}}) {
    const HeadAngles found = head_angles(true_face(), turned_face(angles, 2.5F, {900, -30, 100}));
    EXPECT_NEAR(found.pitch, angles.pitch, 0.05);
    EXPECT_NEAR(found.yaw, angles.yaw, 0.05);
    EXPECT_NEAR(found.roll, angles.roll, 0.05);
  }
}

TEST(HeadTurn, FollowsWithinFiveDegreesWherePointsAreUnsure) {
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 2);  // pixels, of a face of about 110
  for (const HeadAngles& angles : {HeadAngles{20, 0, 0}, HeadAngles{0, -35, 0}, HeadAngles{-15, 30, -20}}) {
    std::array<FacePoint, kFacePoints> face = turned_face(angles, 1, {});
    for (FacePoint& point : face)
      point = {point.x + noise(random), point.y + noise(random), point.z + noise(random)};
    const HeadAngles found = head_angles(true_face(), face);
    EXPECT_NEAR(found.pitch, angles.pitch, 5);
    EXPECT_NEAR(found.yaw, angles.yaw, 5);
    EXPECT_NEAR(found.roll, angles.roll, 5);
  }
}

/// What the signs mean, by where the nose and the forehead go.
TEST(HeadTurn, HasTheSignsThatItSays) {
  const FaceVector nose = {0, 0, -1}, top = {0, -1, 0};  // towards the camera; up
  EXPECT_LT(turned(rotation_of({.pitch = 0, .yaw = 20, .roll = 0}), nose)[0], -0.3);
  EXPECT_LT(turned(rotation_of({.pitch = 20, .yaw = 0, .roll = 0}), nose)[1], -0.3);
  EXPECT_LT(turned(rotation_of({.pitch = 0, .yaw = 0, .roll = 20}), top)[0], -0.3);
}

TEST(HeadTurn, OfAFaceInOnePointIsNoTurn) {
  std::array<FacePoint, kFacePoints> face{};
  const HeadAngles found = head_angles(face, face);
  EXPECT_TRUE(std::isfinite(found.pitch) && std::isfinite(found.yaw) && std::isfinite(found.roll));
}

}  // namespace
}  // namespace tha4
