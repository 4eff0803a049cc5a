#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace tha4 {

/// Number of parameters of a pose, of its face part (the first ones: eyebrow, eye, iris, mouth), and of the
/// parts that the teacher's networks take.
inline constexpr int kPoseSize = 45;
inline constexpr int kFacePoseSize = 39;
inline constexpr int kEyebrowPoseSize = 12;
inline constexpr int kEyeMouthPoseSize = 27;
inline constexpr int kRotationPoseSize = 6;

/// The values of the 45 parameters in the official order; all zeros is the rest pose. The two sides are the
/// character's own. Positive iris_rotation_x and head_x look up, positive iris_rotation_y and head_y towards
/// the left edge of the picture.
using Pose = std::array<float, kPoseSize>;

/// What a parameter moves.
enum class PoseCategory {
  eyebrow,
  eye,
  iris_morph,
  mouth,
  iris_rotation,
  face_rotation,
  body_rotation,
  breathing
};

/// One row of the pose table.
struct PoseParameter {
  std::string_view name;   ///< for example "eye_wink_left"
  std::string_view group;  ///< the name without its side, for example "eye_wink"
  PoseCategory category;
  float min;  ///< range of the value, both ends included
  float max;
};

/// The pose table, in the order of the values of a Pose.
std::span<const PoseParameter, kPoseSize> pose_parameters();

/// Index of the parameter \p name. Throws InputError that names the nearest right name.
int pose_parameter_index(std::string_view name);

/// Where a value of a mirrored pose comes from: `sign` times the value `from` of the pose.
struct MirroredParameter {
  int from;
  float sign;
};

/// For each parameter, how the mirrored picture of a character is described: the sides change places, and
/// what turns to the left turns to the right. A smirk, which has no parameter of its own for each side, stays
/// as it is.
std::span<const MirroredParameter, kPoseSize> mirrored_parameters();

/// Throws InputError if a value is not finite or outside the range of its parameter. \p where begins the
/// message.
void check_pose(const Pose& pose, const std::string& where);

/// The same for one value: returns it as the parameter \p index of a Pose holds it.
float checked_pose_value(int index, double value, const std::string& where);

}  // namespace tha4
