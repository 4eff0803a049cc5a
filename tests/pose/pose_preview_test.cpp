#include "tha4/pose/pose_preview.h"

#include <set>

#include <gtest/gtest.h>

namespace tha4 {
namespace {

TEST(PosePreview, ShowsTheRestPoseAndFifteenMotionsThatDiffer) {
  const std::vector<LabelledPose> poses = preview_poses();
  ASSERT_EQ(poses.size(), 16U) << "four rows of four";
  EXPECT_EQ(poses.front().label, "rest");
  EXPECT_EQ(poses.front().pose, Pose{});
  std::set<std::string> labels;
  std::set<Pose> values;
  for (const LabelledPose& shown : poses) {
    check_pose(shown.pose, shown.label);
    labels.insert(shown.label);
    values.insert(shown.pose);
  }
  EXPECT_EQ(labels.size(), poses.size());
  EXPECT_EQ(values.size(), poses.size());
}

TEST(PosePreview, LabelsNameTheParametersThatAreSet) {
  for (const LabelledPose& shown : preview_poses()) {
    for (std::size_t i = 0; i < kPoseSize; ++i) {
      if (shown.pose[i] == 0) continue;
      EXPECT_NE(shown.label.find(pose_parameters()[i].group), std::string::npos) << shown.label;
      EXPECT_EQ(shown.label.find("= -1") != std::string::npos, shown.pose[i] < 0) << shown.label;
    }
  }
}

TEST(PosePreview, MovesBothSidesButForWinks) {
  const auto left = static_cast<std::size_t>(pose_parameter_index("eye_wink_left"));
  const std::vector<LabelledPose> poses = preview_poses();
  EXPECT_EQ(poses[1].pose[left], 1);
  EXPECT_EQ(poses[1].pose[left + 1], 1);
  EXPECT_EQ(poses[2].pose[left], 1);
  EXPECT_EQ(poses[2].pose[left + 1], 0);
  EXPECT_EQ(poses[3].pose[left], 0);
  EXPECT_EQ(poses[3].pose[left + 1], 1);
}

}  // namespace
}  // namespace tha4
