#include "tha4/pose/pose.h"

#include <filesystem>
#include <limits>
#include <map>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/base/config.h"

namespace tha4 {
namespace {

TEST(PoseTable, IsThatOfThePublishedImplementation) {
  const std::map<std::string, PoseCategory> categories = {
      {"EYEBROW", PoseCategory::eyebrow},
      {"EYE", PoseCategory::eye},
      {"IRIS_MORPH", PoseCategory::iris_morph},
      {"MOUTH", PoseCategory::mouth},
      {"IRIS_ROTATION", PoseCategory::iris_rotation},
      {"FACE_ROTATION", PoseCategory::face_rotation},
      {"BODY_ROTATION", PoseCategory::body_rotation},
      {"BREATHING", PoseCategory::breathing},
  };
  const auto facts = read_json_file(std::filesystem::path(THA4_FIXTURES_DIR) / "pose_parameters.json");
  ASSERT_EQ(facts.size(), pose_parameters().size());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const PoseParameter& parameter = pose_parameters()[i];
    EXPECT_EQ(facts[i]["index"], i);
    EXPECT_EQ(facts[i]["name"], parameter.name);
    EXPECT_EQ(facts[i]["group"], parameter.group);
    EXPECT_EQ(categories.at(facts[i]["category"]), parameter.category) << parameter.name;
    EXPECT_EQ(facts[i]["range"][0], parameter.min) << parameter.name;
    EXPECT_EQ(facts[i]["range"][1], parameter.max) << parameter.name;
    EXPECT_EQ(pose_parameter_index(parameter.name), static_cast<int>(i));
  }
}

TEST(PoseTable, HasThePartsOfThePose) {
  EXPECT_EQ(pose_parameter_index("eye_wink_left"), kEyebrowPoseSize);
  EXPECT_EQ(pose_parameter_index("head_x"), kEyebrowPoseSize + kEyeMouthPoseSize);
  EXPECT_EQ(kFacePoseSize, kEyebrowPoseSize + kEyeMouthPoseSize);
  EXPECT_EQ(kPoseSize, kFacePoseSize + kRotationPoseSize);
}

TEST(PoseParameterIndex, NamesTheNearestNameOfAnUnknownOne) {
  EXPECT_EQ(input_error_message([] { pose_parameter_index("mouth_aa"); }),
            "'mouth_aa' is not a pose parameter; did you mean 'mouth_aaa'?");
  EXPECT_EQ(input_error_message([] { pose_parameter_index("eye_wink_lef\n\x1b[31m"); }),
            "'eye_wink_lef??[31m' is not a pose parameter; did you mean 'eye_wink_left'?");
  const std::string message = input_error_message([] { pose_parameter_index(std::string(10'000'000, 'x')); });
  EXPECT_LT(message.size(), 150U);
}

TEST(CheckPose, RefusesWhatIsOutsideTheRange) {
  Pose pose{};
  EXPECT_NO_THROW(check_pose(pose, "here"));
  pose.fill(1);
  EXPECT_NO_THROW(check_pose(pose, "here"));

  pose = {};
  const auto message_with = [&pose](const char* name, float value) {
    Pose changed = pose;
    changed[static_cast<std::size_t>(pose_parameter_index(name))] = value;
    return input_error_message([&] { check_pose(changed, "here"); });
  };
  EXPECT_EQ(message_with("head_y", -1), "no error");
  EXPECT_EQ(message_with("head_y", -1.1F), "here: head_y is -1.1, outside -1 to 1");
  EXPECT_EQ(message_with("mouth_aaa", -0.1F), "here: mouth_aaa is -0.1, outside 0 to 1");
  EXPECT_EQ(message_with("breathing", 1.5F), "here: breathing is 1.5, outside 0 to 1");
  EXPECT_EQ(message_with("breathing", std::numeric_limits<float>::quiet_NaN()),
            "here: breathing is nan, not a finite number");
  EXPECT_EQ(message_with("breathing", -std::numeric_limits<float>::infinity()),
            "here: breathing is -inf, not a finite number");
}

TEST(CheckedPoseValue, ComparesBeforeRoundingToFloat) {
  EXPECT_EQ(checked_pose_value(0, 0.1, "here"), 0.1F);
  EXPECT_EQ(input_error_message([] { checked_pose_value(0, 1.000000001, "here"); }),
            "here: eyebrow_troubled_left is 1.000000001, outside 0 to 1");
  EXPECT_EQ(input_error_message([] { checked_pose_value(0, 1e300, "here"); }),
            "here: eyebrow_troubled_left is 1e+300, outside 0 to 1");
}

}  // namespace
}  // namespace tha4
