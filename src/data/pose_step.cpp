#include "tha4/data/pose_step.h"

#include <algorithm>
#include <array>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

/// The parameters [begin, end) that a step applies.
struct StepRow {
  std::string_view name;
  int begin;
  int end;
};

/// In the order of PoseStep.
constexpr std::array<StepRow, 5> kSteps = {{{"whole", 0, kPoseSize},
                                            {"eyebrows", 0, kEyebrowPoseSize},
                                            {"face", kEyebrowPoseSize, kFacePoseSize},
                                            {"body", kFacePoseSize, kPoseSize},
                                            {"expression", 0, kFacePoseSize}}};

const StepRow& row_of(PoseStep step) {
  return kSteps[static_cast<std::size_t>(step)];
}

Pose first_parameters(const Pose& pose, int count) {
  Pose part{};
  std::copy_n(pose.begin(), count, part.begin());
  return part;
}

PictureMorphs picture_morphs_at(int parameters) {
  return parameters < kFacePoseSize ? PictureMorphs::shown : PictureMorphs::gone;
}

}  // namespace

std::string_view pose_step_name(PoseStep step) {
  return row_of(step).name;
}

PoseStep parse_pose_step(std::string_view text) {
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    if (kSteps[i].name == text) return static_cast<PoseStep>(i);
  }
  throw InputError("the step '" + std::string(text) +
                   "' is not known; use whole, eyebrows, face, body or expression");
}

Pose pose_before(PoseStep step, const Pose& pose) {
  return first_parameters(pose, row_of(step).begin);
}

Pose pose_after(PoseStep step, const Pose& pose) {
  return first_parameters(pose, row_of(step).end);
}

PictureMorphs picture_morphs_before(PoseStep step) {
  return picture_morphs_at(row_of(step).begin);
}

PictureMorphs picture_morphs_after(PoseStep step) {
  return picture_morphs_at(row_of(step).end);
}

bool begins_at_rest(PoseStep step) {
  return row_of(step).begin == 0;
}

}  // namespace tha4
