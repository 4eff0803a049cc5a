#include <algorithm>
#include <cmath>
#include <utility>

#include "rendered_frame.h"

namespace tha4::test {
namespace {

TEST(RigFlow, IsExactWhereASheetIsShifted) {
  RigRenderer renderer(hand_made_rig());
  const RigFrame frame = render_with_flow(renderer, pose_of("head_y", 1));
  for (const auto& [x, y] : {std::pair{241, 105}, {280, 144}, {318, 182}}) {
    EXPECT_NEAR(flow(frame, x, y).x, -24, 1e-3);
    EXPECT_NEAR(flow(frame, x, y).y, 0, 1e-3);
    EXPECT_EQ(frame.hidden[at(frame, x, y)], 0);
  }
  EXPECT_NEAR(flow(frame, 180, 300).x, 0, 1e-3) << "the other sheet stays";
}

TEST(RigFlow, LeadsBackAlongARotation) {
  RigRenderer renderer(hand_made_rig());
  const RigFrame frame = render_with_flow(renderer, pose_of("neck_z", 1));
  const float angle = glm::radians(10.0F);
  int count = 0;
  for (int y = 100; y < 190; ++y) {
    for (int x = 220; x < 310; ++x) {
      const glm::vec2 from_joint = glm::vec2(x, y) + 0.5F - glm::vec2(256, 200);
      const glm::vec2 back(std::cos(angle) * from_joint.x + std::sin(angle) * from_joint.y,
                           -std::sin(angle) * from_joint.x + std::cos(angle) * from_joint.y);
      const glm::vec2 rest = back + glm::vec2(256, 200);
      if (std::abs(rest.x - 256) > 39 || std::abs(rest.y - 144) > 39) continue;
      const glm::vec2 found = flow(frame, x, y) + glm::vec2(x, y) + 0.5F;
      ASSERT_NEAR(found.x, rest.x, 0.01) << x << ", " << y;
      ASSERT_NEAR(found.y, rest.y, 0.01) << x << ", " << y;
      ++count;
    }
  }
  EXPECT_GT(count, 5000);
}

TEST(RigFlow, HiddenIsWhatTheFrontSheetUncovered) {
  RigRenderer renderer(hand_made_rig());
  const RigFrame frame = render_with_flow(renderer, pose_of("head_y", 1));
  for (int y = 0; y < 512; ++y) {
    for (int x = 0; x < 512; ++x) {
      // Of the front sheet's place at rest, what it has left and the back sheet fills.
      const bool is_uncovered = x >= 216 && x < 240 && y >= 120 && y < 184;
      const bool is_near_an_edge = std::min(std::abs(x - 216), std::abs(x - 240)) < 2 ||
                                   std::min(std::abs(y - 120), std::abs(y - 184)) < 2;
      if (is_near_an_edge) continue;
      ASSERT_EQ(frame.hidden[at(frame, x, y)], is_uncovered ? 1 : 0) << x << ", " << y;
    }
  }
}

TEST(RigFlow, LeadsToTheSameExpressionAtRest) {
  RigRenderer renderer(hand_made_rig());
  Pose pose = pose_of("mouth_aaa", 1);
  pose[static_cast<std::size_t>(pose_parameter_index("head_y"))] = 1;
  const RigFrame frame = render_with_flow(renderer, pose);
  // This row belongs to the front sheet only because of the morph.
  EXPECT_NEAR(flow(frame, 280, 196).x, -24, 1e-3);
  EXPECT_NEAR(flow(frame, 280, 196).y, 0, 1e-3);
  EXPECT_EQ(frame.hidden[at(frame, 280, 196)], 0);
}

TEST(RigFlow, ContinuesWhereNothingIsSeen) {
  Rig rig = hand_made_rig();
  rig.meshes.erase(rig.meshes.begin());
  RigRenderer renderer(rig);
  const RigFrame frame = render_with_flow(renderer, pose_of("head_y", 1));
  for (const auto& [x, y] : {std::pair{0, 0}, {511, 511}, {200, 144}, {280, 90}}) {
    EXPECT_NEAR(flow(frame, x, y).x, -24, 1e-2);
    EXPECT_EQ(frame.hidden[at(frame, x, y)], 0);
  }
}

TEST(RigFlow, OfAnEmptyFrameIsZero) {
  RigRenderer renderer(one_sheet({-400, 256, 0}, 50, {1, 1, 1, 1}));
  const RigFrame frame = render_with_flow(renderer, Pose{});
  for (const float value : frame.flow) ASSERT_EQ(value, 0);
}

TEST(RigFlow, WhatComesFromOutsideThePictureWasHidden) {
  Rig rig = one_sheet({256, 500, 0}, 200, {1, 1, 1, 1});
  rig.controls[static_cast<std::size_t>(pose_parameter_index("breathing"))].shifts = {{0, {0, -20, 0}}};
  RigRenderer renderer(rig);
  const RigFrame frame = render_with_flow(renderer, pose_of("breathing", 1));
  EXPECT_EQ(frame.hidden[at(frame, 256, 505)], 1);
  EXPECT_EQ(frame.hidden[at(frame, 256, 480)], 0);
}

}  // namespace
}  // namespace tha4::test
