#pragma once

#include "character_design.h"

#include "tha4/rig/rig.h"

namespace tha4::generator {

/// Turns the head of \p rig, on the bones of add_skeleton(), to how it is held at rest: meshes, morphs and
/// joints are moved, so that pose parameters act from there as they did.
void hold_head(Rig& rig, const PostureDesign& posture);

}  // namespace tha4::generator
