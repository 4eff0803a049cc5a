#include "rig/hand_made_rig.h"
#include <gtest/gtest.h>

#include "tha4/base/error.h"
#include "tha4/render/rig_renderer.h"

namespace tha4::test {
namespace {

FrameContents everything() {
  FrameContents contents;
  contents.flow = true;
  contents.face = true;
  return contents;
}

/// Unlike hand_made_rig() in whatever the renderer keeps of a rig: lit, with normals, depth and an outline, a
/// texture of another size that repeats, other layers, and more vertices.
Rig other_rig() {
  Rig rig = hand_made_rig();
  rig.name = "lit sheets";
  rig.textures.push_back(wavy_picture(40));
  const int lit = add_material(rig, {0.9F, 0.8F, 1, 0.75F}, 1);
  rig.materials.back().is_lit = true;
  rig.materials.back().shade_color = {0.2F, 0.3F, 0.5F};
  rig.materials.back().outline_width = 3;
  Mesh& sheet = add_sheet(rig, "lit", {270, 170, 40}, 90, lit, 0, kHeadBone);
  sheet.uses_depth = true;
  sheet.normals.assign(4, {0, 0.8F, 0.6F});
  for (glm::vec2& place : sheet.texture_coordinates) place *= 3.0F;
  // Drawn later, but behind.
  add_sheet(rig, "far", {300, 190, -10}, 70, 1, 0, 0).uses_depth = true;
  add_sheet(rig, "near", {200, 300, 10}, 70, 0, 3, 0).uses_depth = true;
  add_sheet(rig, "behind it", {220, 310, 0}, 70, 1, 3, 0).uses_depth = true;
  rig.meshes.front().layer = 2;
  return rig;
}

void expect_draws_as_new(RigRenderer& renderer, const Rig& rig) {
  RigRenderer fresh(rig);
  EXPECT_EQ(renderer.rig().name, rig.name);
  const std::vector<Pose> poses = {Pose{}, pose_of("head_y", 1), pose_of("neck_z", -0.6F),
                                   pose_of("mouth_aaa", 1)};
  for (const FrameContents& contents : {everything(), FrameContents{}}) {
    const std::vector<RigFrame> expected = fresh.render(poses, {}, contents);
    const std::vector<RigFrame> found = renderer.render(poses, {}, contents);
    for (std::size_t i = 0; i < poses.size(); ++i) {
      EXPECT_EQ(found[i].color, expected[i].color) << rig.name << ", pose " << i;
      EXPECT_EQ(found[i].flow, expected[i].flow) << rig.name << ", pose " << i;
      EXPECT_EQ(found[i].hidden, expected[i].hidden) << rig.name << ", pose " << i;
      EXPECT_EQ(found[i].face, expected[i].face) << rig.name << ", pose " << i;
    }
  }
}

TEST(RigReplacement, DrawsAsANewRendererForthAndBack) {
  RigRenderer renderer(hand_made_rig());
  expect_draws_as_new(renderer, hand_made_rig());
  renderer.replace_rig(other_rig());
  expect_draws_as_new(renderer, other_rig());
  renderer.replace_rig(hand_made_rig());
  expect_draws_as_new(renderer, hand_made_rig());
}

TEST(RigReplacement, NeedsNoFrameInBetween) {
  RigRenderer renderer(hand_made_rig());
  for (int i = 0; i < 3; ++i) {
    renderer.replace_rig(other_rig());
    renderer.replace_rig(hand_made_rig());
  }
  renderer.replace_rig(other_rig());
  expect_draws_as_new(renderer, other_rig());
}

TEST(RigReplacement, WorksAfterTheRendererMoved) {
  RigRenderer first(hand_made_rig());
  RigRenderer renderer(std::move(first));
  renderer.replace_rig(other_rig());
  expect_draws_as_new(renderer, other_rig());
}

TEST(RigReplacement, KeepsTheOldRigWhereTheNewOneIsNotSound) {
  RigRenderer renderer(hand_made_rig());
  Rig broken = other_rig();
  broken.meshes.back().triangles[0] = 99;
  EXPECT_THROW(renderer.replace_rig(std::move(broken)), InputError);
  expect_draws_as_new(renderer, hand_made_rig());
}

TEST(RigReplacement, KeepsTheOldRigWhereTheDriverDoesNotTakeATexture) {
  RigRenderer renderer(hand_made_rig());
  Rig wide = other_rig();
  wide.textures.back() = RgbaImage(1 << 20, 1);
  EXPECT_THROW(renderer.replace_rig(std::move(wide)), InputError);
  expect_draws_as_new(renderer, hand_made_rig());
}

}  // namespace
}  // namespace tha4::test
