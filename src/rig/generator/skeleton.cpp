#include "skeleton.h"

#include <algorithm>
#include <cmath>

#include <glm/common.hpp>
#include <glm/trigonometric.hpp>

namespace tha4::generator {

namespace {

/// The point about which body_z turns the whole figure.
constexpr float kLeanHeight = 338;
constexpr float kLeanDegrees = 5;
constexpr float kHipsHeight = 420;

float chest_weight(float y) {
  return 1 - glm::smoothstep(265.0F, 335.0F, y);
}

}  // namespace

// How far each parameter moves what is seen, in pixels at 1, follows the published networks, so that a
// teacher trained on generated characters poses a picture as far as they do: head_x moves the face by 10,
// head_y by 7.5; neck_z turns the head by 10 degrees about the pit of the neck; body_y moves hips, chest and
// face aside by 5, 4 and 2 over standing legs; body_z leans the whole figure by 5 degrees about the middle of
// the body; breathing lifts chest and shoulders by 2 and leaves head and belly where they are.
void add_skeleton(RigBuilder& builder) {
  builder.add_bone({"hips", -1, {256, kHipsHeight, 0}});
  builder.add_bone({"chest", kBoneHips, {256, 300, 0}});
  builder.add_bone({"neck", kBoneChest, {256, 203, 0}});
  builder.add_bone({"head", kBoneNeck, {256, 186, -8}});
  builder.add_bone({"legs", kBoneHips, {256, 440, 0}});

  builder.control_turn("head_x", kBoneHead, {kNodDegrees, 0, 0});
  builder.control_turn("head_y", kBoneHead, {0, -kTurnDegrees, 0});
  builder.control_turn("neck_z", kBoneNeck, {0, 0, -kTiltDegrees});
  builder.control_turn("body_y", kBoneHips, {0, -11, 0});
  builder.control_turn("body_y", kBoneLegs, {0, 11, 0});
  builder.control_turn("body_y", kBoneChest, {0, 2, 0});
  builder.control_turn("body_y", kBoneNeck, {0, 5, 0});
  builder.control_turn("body_y", kBoneHead, {0, 2, 0});
  builder.control_turn("body_z", kBoneHips, {0, 0, -kLeanDegrees});
  builder.control_shift("body_z", kBoneHips,
                        {(kHipsHeight - kLeanHeight) * std::sin(glm::radians(kLeanDegrees)), 0, 0});
  builder.control_shift("breathing", kBoneChest, {0, -2, 1.5F});
  builder.control_shift("breathing", kBoneNeck, {0, 2, 0});
}

BoneWeights body_weights(glm::vec2 point) {
  const float aside = std::abs(point.x - 256);
  const float legs = glm::smoothstep(425.0F, 455.0F, point.y) * (1 - glm::smoothstep(80.0F, 105.0F, aside));
  if (legs > 0) return two_bones(kBoneHips, kBoneLegs, legs);
  const float near_neck = 1 - glm::smoothstep(18.0F, 42.0F, aside);
  const float head = (1 - glm::smoothstep(172.0F, 200.0F, point.y)) * near_neck;
  const float neck = (1 - glm::smoothstep(198.0F, 234.0F, point.y)) * near_neck;
  const float chest = chest_weight(point.y);
  return {glm::u16vec4(kBoneHips, kBoneChest, kBoneNeck, kBoneHead),
          glm::vec4(1 - chest, chest * (1 - neck), chest * neck * (1 - head), chest * neck * head)};
}

BoneWeights torso_weights(glm::vec2 point) {
  return two_bones(kBoneHips, kBoneChest, chest_weight(point.y));
}

BoneWeights hanging_hair_weights(glm::vec2 point) {
  return two_bones(kBoneHead, kBoneChest, 0.55F * glm::smoothstep(185.0F, 400.0F, point.y));
}

float body_depth(glm::vec2 point) {
  const float aside = std::min(1.4F, std::abs(point.x - 256) / 80);
  const float neck = 1 - glm::smoothstep(200.0F, 240.0F, point.y);
  return 24 - 22 * aside * aside - 10 * neck;
}

}  // namespace tha4::generator
