#include "tha4/pose/pose_demo.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace tha4 {
namespace {

/// The fastest that parameters of a category may change in one frame and still look like a movement.
float largest_step(PoseCategory category) {
  switch (category) {
    case PoseCategory::face_rotation:
      return 0.13F;
    case PoseCategory::body_rotation:
    case PoseCategory::breathing:
      return 0.06F;
    case PoseCategory::iris_rotation:
      return 0.25F;
    case PoseCategory::eyebrow:
      return 0.3F;
    default:
      return 0.45F;
  }
}

TEST(DemoPoses, AreInRangeAndBeginAtRest) {
  const auto poses = demo_poses();
  ASSERT_EQ(poses.size(), static_cast<std::size_t>(kDemoFrames));
  EXPECT_EQ(poses.front(), Pose{});
  for (const Pose& pose : poses) EXPECT_NO_THROW(check_pose(pose, "demo"));
}

TEST(DemoPoses, ChangeSmoothlyAndLoop) {
  const auto poses = demo_poses();
  for (std::size_t frame = 0; frame < poses.size(); ++frame) {
    const Pose& next = poses[(frame + 1) % poses.size()];
    for (std::size_t i = 0; i < kPoseSize; ++i) {
      const PoseParameter& parameter = pose_parameters()[i];
      EXPECT_LE(std::abs(next[i] - poses[frame][i]), largest_step(parameter.category))
          << parameter.name << " after frame " << frame;
    }
  }
}

TEST(DemoPoses, ShowEveryParameterAndLetItRest) {
  const auto poses = demo_poses();
  for (std::size_t i = 0; i < kPoseSize; ++i) {
    const auto [min, max] = std::minmax_element(poses.begin(), poses.end(),
                                                [i](const Pose& a, const Pose& b) { return a[i] < b[i]; });
    const PoseParameter& parameter = pose_parameters()[i];
    EXPECT_GT((*max)[i], 0.3F) << parameter.name;
    if (parameter.min < 0 && parameter.category != PoseCategory::body_rotation) {
      EXPECT_LT((*min)[i], -0.3F) << parameter.name;
    }
  }
}

TEST(DemoPoses, AreTheSameShowAtAnyLength) {
  const auto normal = demo_poses();
  const auto slow = demo_poses(2 * kDemoFrames);
  for (std::size_t i = 0; i < normal.size(); ++i) EXPECT_EQ(slow[2 * i], normal[i]);
  EXPECT_EQ(demo_poses(1), std::vector<Pose>{Pose{}});
  EXPECT_TRUE(demo_poses(0).empty());
}

}  // namespace
}  // namespace tha4
