#pragma once

#include "rig_builder.h"
#include "sheet.h"
#include <glm/vec2.hpp>

namespace tha4 {

/// The bones of a generated character, in the order in which add_skeleton() adds them.
enum SkeletonBone : int { kBoneHips, kBoneChest, kBoneNeck, kBoneHead };

/// Adds the bones "hips", "chest", "neck" and "head" and the six rotation parameters that move them. The
/// builder must have no bones yet.
void add_skeleton(RigBuilder& builder);

/// What a point of the body or its clothes follows: the hips below, the chest, and the neck and the head
/// between the shoulders.
BoneShare body_share(glm::vec2 point);

/// What hair follows that hangs from the head past the shoulders: its ends keep closer to the chest.
BoneShare hanging_hair_share(glm::vec2 point);

/// z of the chest and the shoulders' surface: a shallow barrel.
float body_depth(glm::vec2 point);

}  // namespace tha4
