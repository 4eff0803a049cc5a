#pragma once

#include <string>
#include <vector>

#include "tha4/pose/pose.h"

namespace tha4 {

/// A pose with what it shows, in a few words of ASCII.
struct LabelledPose {
  std::string label;
  Pose pose;
};

/// Sixteen poses that show at a glance whether a character can be posed: the rest pose first, then one motion
/// each of eyes, mouth, brows, head and body, as far as it goes. A label ends with the parameter that is set
/// and its value. Left and right of winks are the character's own, those of turns the picture's.
std::vector<LabelledPose> preview_poses();

}  // namespace tha4
