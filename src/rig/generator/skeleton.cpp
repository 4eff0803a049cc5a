#include "skeleton.h"

#include <algorithm>
#include <cmath>

#include <glm/common.hpp>

namespace tha4 {

void add_skeleton(RigBuilder& builder) {
  builder.add_bone({"hips", -1, {256, 420, 0}});
  builder.add_bone({"chest", kBoneHips, {256, 300, 0}});
  builder.add_bone({"neck", kBoneChest, {256, 205, 0}});
  builder.add_bone({"head", kBoneNeck, {256, 186, -8}});

  builder.control_turn("head_x", kBoneHead, {15, 0, 0});
  builder.control_turn("head_y", kBoneHead, {0, -15, 0});
  // Turns about z and of the body are shared along the spine, so that it bends rather than breaks.
  builder.control_turn("neck_z", kBoneNeck, {0, 0, -6});
  builder.control_turn("neck_z", kBoneHead, {0, 0, -9});
  builder.control_turn("body_y", kBoneHips, {0, -4, 0});
  builder.control_turn("body_y", kBoneChest, {0, -6, 0});
  builder.control_turn("body_z", kBoneHips, {0, 0, -4});
  builder.control_turn("body_z", kBoneChest, {0, 0, -6});
  builder.control_shift("breathing", kBoneChest, {0, -2.6F, 1.5F});
  builder.control_shift("breathing", kBoneNeck, {0, 1.2F, 0});
}

BoneShare body_share(glm::vec2 point) {
  const float aside = std::abs(point.x - 256);
  const float near_neck = 1 - glm::smoothstep(18.0F, 42.0F, aside);
  const float head = (1 - glm::smoothstep(172.0F, 200.0F, point.y)) * near_neck;
  const float neck = (1 - glm::smoothstep(198.0F, 234.0F, point.y)) * near_neck;
  const float chest = 1 - glm::smoothstep(300.0F, 410.0F, point.y);
  return {glm::u16vec4(kBoneHips, kBoneChest, kBoneNeck, kBoneHead),
          glm::vec4(1 - chest, chest * (1 - neck), chest * neck * (1 - head), chest * neck * head)};
}

BoneShare hanging_hair_share(glm::vec2 point) {
  return mixed_share(kBoneHead, kBoneChest, 0.55F * glm::smoothstep(185.0F, 400.0F, point.y));
}

float body_depth(glm::vec2 point) {
  const float aside = std::min(1.4F, std::abs(point.x - 256) / 80);
  const float neck = 1 - glm::smoothstep(200.0F, 240.0F, point.y);
  return 24 - 22 * aside * aside - 10 * neck;
}

}  // namespace tha4
