#pragma once

#include "tha4/pose/pose.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// \p pose with 0 for each parameter that moves nothing of \p rig to the side of its value: avatars of others
/// lack many, and the pose that is left looks the same. \p rig is sound (check_rig).
Pose within_reach(const Rig& rig, const Pose& pose);

}  // namespace tha4
