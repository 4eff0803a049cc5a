#include "tha4/pose/pose_preview.h"

#include <array>
#include <string_view>

namespace tha4 {
namespace {

/// One motion: a parameter, or both sides of a group, at a value.
struct Motion {
  std::string_view name;
  std::string_view target;
  float value;
};

/// The order is that of a sheet of four columns.
constexpr std::array<Motion, 15> kMotions = {{{"blink", "eye_wink", 1},
                                              {"wink, own left", "eye_wink_left", 1},
                                              {"wink, own right", "eye_wink_right", 1},
                                              {"aaa", "mouth_aaa", 1},
                                              {"ooo", "mouth_ooo", 1},
                                              {"smile", "mouth_raised_corner", 1},
                                              {"brows up", "eyebrow_raised", 1},
                                              {"brows down", "eyebrow_lowered", 1},
                                              {"turn left", "head_y", 1},
                                              {"turn right", "head_y", -1},
                                              {"nod up", "head_x", 1},
                                              {"nod down", "head_x", -1},
                                              {"tilt left", "neck_z", 1},
                                              {"tilt right", "neck_z", -1},
                                              {"body turn", "body_y", 1}}};

LabelledPose labelled(const Motion& motion) {
  LabelledPose result{std::string(motion.name) + ": " + std::string(motion.target), Pose{}};
  if (motion.value < 0) result.label += " = -1";
  for (std::size_t i = 0; i < kPoseSize; ++i) {
    const PoseParameter& parameter = pose_parameters()[i];
    if (parameter.name == motion.target || parameter.group == motion.target) result.pose[i] = motion.value;
  }
  return result;
}

}  // namespace

std::vector<LabelledPose> preview_poses() {
  std::vector<LabelledPose> poses = {{"rest", Pose{}}};
  for (const Motion& motion : kMotions) poses.push_back(labelled(motion));
  return poses;
}

}  // namespace tha4
