#pragma once

#include <map>
#include <string>
#include <vector>

#include "tha4/rig/rig.h"

namespace tha4 {

/// A skeleton that VRM accepts: the bones of a rig, first and in their order, and those that VRM requires
/// besides, at sensible places. Here a bone's parent may come after it.
struct HumanoidNodes {
  std::vector<Bone> bones;           ///< in pixels
  std::map<std::string, int> roles;  ///< which of them is which humanoid bone
};

HumanoidNodes make_humanoid_nodes(const std::vector<Bone>& rig_bones);

}  // namespace tha4
