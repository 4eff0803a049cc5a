#include "tha4/pose/pose.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <vector>

#include "other_names.h"
#include "quoted_text.h"

#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"

namespace tha4 {
namespace {

using enum PoseCategory;

constexpr std::array<PoseParameter, kPoseSize> kPoseParameters = {{
    {"eyebrow_troubled_left", "eyebrow_troubled", eyebrow, 0, 1},
    {"eyebrow_troubled_right", "eyebrow_troubled", eyebrow, 0, 1},
    {"eyebrow_angry_left", "eyebrow_angry", eyebrow, 0, 1},
    {"eyebrow_angry_right", "eyebrow_angry", eyebrow, 0, 1},
    {"eyebrow_lowered_left", "eyebrow_lowered", eyebrow, 0, 1},
    {"eyebrow_lowered_right", "eyebrow_lowered", eyebrow, 0, 1},
    {"eyebrow_raised_left", "eyebrow_raised", eyebrow, 0, 1},
    {"eyebrow_raised_right", "eyebrow_raised", eyebrow, 0, 1},
    {"eyebrow_happy_left", "eyebrow_happy", eyebrow, 0, 1},
    {"eyebrow_happy_right", "eyebrow_happy", eyebrow, 0, 1},
    {"eyebrow_serious_left", "eyebrow_serious", eyebrow, 0, 1},
    {"eyebrow_serious_right", "eyebrow_serious", eyebrow, 0, 1},
    {"eye_wink_left", "eye_wink", eye, 0, 1},
    {"eye_wink_right", "eye_wink", eye, 0, 1},
    {"eye_happy_wink_left", "eye_happy_wink", eye, 0, 1},
    {"eye_happy_wink_right", "eye_happy_wink", eye, 0, 1},
    {"eye_surprised_left", "eye_surprised", eye, 0, 1},
    {"eye_surprised_right", "eye_surprised", eye, 0, 1},
    {"eye_relaxed_left", "eye_relaxed", eye, 0, 1},
    {"eye_relaxed_right", "eye_relaxed", eye, 0, 1},
    {"eye_unimpressed_left", "eye_unimpressed", eye, 0, 1},
    {"eye_unimpressed_right", "eye_unimpressed", eye, 0, 1},
    {"eye_raised_lower_eyelid_left", "eye_raised_lower_eyelid", eye, 0, 1},
    {"eye_raised_lower_eyelid_right", "eye_raised_lower_eyelid", eye, 0, 1},
    {"iris_small_left", "iris_small", iris_morph, 0, 1},
    {"iris_small_right", "iris_small", iris_morph, 0, 1},
    {"mouth_aaa", "mouth_aaa", mouth, 0, 1},
    {"mouth_iii", "mouth_iii", mouth, 0, 1},
    {"mouth_uuu", "mouth_uuu", mouth, 0, 1},
    {"mouth_eee", "mouth_eee", mouth, 0, 1},
    {"mouth_ooo", "mouth_ooo", mouth, 0, 1},
    {"mouth_delta", "mouth_delta", mouth, 0, 1},
    {"mouth_lowered_corner_left", "mouth_lowered_corner", mouth, 0, 1},
    {"mouth_lowered_corner_right", "mouth_lowered_corner", mouth, 0, 1},
    {"mouth_raised_corner_left", "mouth_raised_corner", mouth, 0, 1},
    {"mouth_raised_corner_right", "mouth_raised_corner", mouth, 0, 1},
    {"mouth_smirk", "mouth_smirk", mouth, 0, 1},
    {"iris_rotation_x", "iris_rotation_x", iris_rotation, -1, 1},
    {"iris_rotation_y", "iris_rotation_y", iris_rotation, -1, 1},
    {"head_x", "head_x", face_rotation, -1, 1},
    {"head_y", "head_y", face_rotation, -1, 1},
    {"neck_z", "neck_z", face_rotation, -1, 1},
    {"body_y", "body_y", body_rotation, -1, 1},
    {"body_z", "body_z", body_rotation, -1, 1},
    {"breathing", "breathing", breathing, 0, 1},
}};

/// The index of the parameter of the other side, or \p index where there is none.
constexpr int other_side(int index) {
  constexpr std::string_view kLeft = "_left", kRight = "_right";
  const PoseParameter& parameter = kPoseParameters[static_cast<std::size_t>(index)];
  if (parameter.name.ends_with(kLeft)) return index + 1;
  return parameter.name.ends_with(kRight) ? index - 1 : index;
}

constexpr bool turns_sideways(std::string_view name) {
  return name == "iris_rotation_y" || name == "head_y" || name == "neck_z" || name == "body_y" ||
         name == "body_z";
}

constexpr std::array<MirroredParameter, kPoseSize> kMirroredParameters = [] {
  std::array<MirroredParameter, kPoseSize> mirrored{};
  for (int i = 0; i < kPoseSize; ++i) {
    const auto place = static_cast<std::size_t>(i);
    mirrored[place] = {other_side(i), turns_sideways(kPoseParameters[place].name) ? -1.0F : 1.0F};
  }
  return mirrored;
}();

/// The shortest text that reads back as \p value, as a float if it is one.
std::string number_text(double value) {
  std::array<char, 32> text;
  char* const end = text.data() + text.size();
  const auto max = static_cast<double>(std::numeric_limits<float>::max());
  const auto as_float = static_cast<float>(std::clamp(value, -max, max));
  const bool is_float = static_cast<double>(as_float) == value;
  const auto result =
      is_float ? std::to_chars(text.data(), end, as_float) : std::to_chars(text.data(), end, value);
  return std::string(text.data(), result.ptr);
}

}  // namespace

std::span<const PoseParameter, kPoseSize> pose_parameters() {
  return kPoseParameters;
}

std::span<const MirroredParameter, kPoseSize> mirrored_parameters() {
  return kMirroredParameters;
}

namespace {

/// What to write in place of \p name.
std::string hint_for(std::string_view name) {
  if (const std::string known = hint_for_other_name(name); !known.empty()) return known;
  std::vector<std::string> names;
  for (const PoseParameter& parameter : kPoseParameters) names.emplace_back(parameter.name);
  const std::string nearest = nearest_name(name, names);
  // Where more differs than agrees, the nearest name is one by chance.
  if (edit_distance(name.substr(0, 60), nearest) * 2 <= std::max(name.size(), nearest.size())) {
    return did_you_mean(nearest);
  }
  return "; all of them are listed in docs/files.md, 'Poses'";
}

}  // namespace

int pose_parameter_index(std::string_view name) {
  for (int i = 0; i < kPoseSize; ++i) {
    if (kPoseParameters[static_cast<std::size_t>(i)].name == name) return i;
  }
  throw InputError(quoted_text(name) + " is not a pose parameter" + hint_for(name));
}

float checked_pose_value(int index, double value, const std::string& where) {
  const PoseParameter& parameter = kPoseParameters.at(static_cast<std::size_t>(index));
  if (std::isfinite(value) && value >= parameter.min && value <= parameter.max) {
    return static_cast<float>(value);
  }
  const std::string what = where + ": " + std::string(parameter.name) + " is " + number_text(value) + ", ";
  if (!std::isfinite(value)) throw InputError(what + "not a finite number");
  throw InputError(what + "outside " + number_text(parameter.min) + " to " + number_text(parameter.max));
}

void check_pose(const Pose& pose, const std::string& where) {
  for (int i = 0; i < kPoseSize; ++i) checked_pose_value(i, pose[static_cast<std::size_t>(i)], where);
}

}  // namespace tha4
