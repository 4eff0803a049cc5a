#pragma once

#include <array>
#include <vector>

#include "tha4/pose/pose.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// Which parameters move anything of a rig that can be seen, at values above 0 and below.
struct RigReach {
  std::array<bool, kPoseSize> above{};
  std::array<bool, kPoseSize> below{};
};

/// Looks at all vertices of \p rig, which is sound (check_rig): to be asked once, not for each pose. A morph
/// that is not there, or a bone on which nothing hangs, moves nothing; nor does what moves only vertices that
/// are not drawn. What is drawn behind something else counts as seen.
RigReach reach_of(const Rig& rig);

/// \p pose with 0 for each parameter that moves nothing to the side of its value: avatars of others lack
/// many, and the pose that is left looks the same.
Pose within_reach(const RigReach& reach, const Pose& pose);

/// Of each vertex of \p mesh, one of \p rig's, whether a triangle has it that is not wholly transparent.
std::vector<bool> shown_vertices(const Rig& rig, const Mesh& mesh);

}  // namespace tha4
