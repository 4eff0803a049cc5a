#pragma once

#include "rig_builder.h"
#include "sheet.h"
#include <glm/vec2.hpp>

namespace tha4::generator {

/// The bones of a generated character, in the order in which add_skeleton() adds them.
enum SkeletonBone : int { kBoneHips, kBoneChest, kBoneNeck, kBoneHead, kBoneLegs };

/// What head_x, head_y and neck_z turn the head by at 1.
constexpr float kNodDegrees = 9.5F;
constexpr float kTurnDegrees = 6.8F;
constexpr float kTiltDegrees = 10;

/// Adds the bones "hips", "chest", "neck", "head" and "legs" and the six rotation parameters that move them.
/// The builder must have no bones yet.
void add_skeleton(RigBuilder& builder);

/// What a point of the body or its clothes follows: the legs at the bottom of the picture, the hips, the
/// chest, and the neck and the head between the shoulders.
BoneWeights body_weights(glm::vec2 point);

/// What an arm held before the body follows: the hips below, the chest above.
BoneWeights torso_weights(glm::vec2 point);

/// What hair follows that hangs from the head past the shoulders: its ends keep closer to the chest.
BoneWeights hanging_hair_weights(glm::vec2 point);

/// z of the chest and the shoulders' surface: a shallow barrel.
float body_depth(glm::vec2 point);

}  // namespace tha4::generator
