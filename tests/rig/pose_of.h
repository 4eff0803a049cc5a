#pragma once

#include <string_view>

#include "tha4/pose/pose.h"

namespace tha4::test {

/// The rest pose but for one parameter.
inline Pose pose_of(std::string_view parameter, float value) {
  Pose pose{};
  pose[static_cast<std::size_t>(pose_parameter_index(parameter))] = value;
  return pose;
}

}  // namespace tha4::test
