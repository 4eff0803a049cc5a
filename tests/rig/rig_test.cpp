#include <functional>
#include <limits>

#include "rig/hand_made_rig.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tha4/base/error.h"
#include "tha4/rig/rig_reach.h"

namespace tha4::test {
namespace {

RigControl& control(Rig& rig, const char* parameter) {
  return rig.controls[static_cast<std::size_t>(pose_parameter_index(parameter))];
}

float weight_of(const Rig& rig, const Pose& pose, const std::string& morph) {
  for (const auto& [name, weight] : morph_weights(rig, pose)) {
    if (name == morph) return weight;
  }
  return 0;
}

TEST(RigPose, MorphsMoveInProportionAndAddUp) {
  Rig rig = hand_made_rig();
  control(rig, "mouth_iii").morphs = {{"open", 0.5F, false}};
  Pose pose = pose_of("mouth_aaa", 0.25F);
  EXPECT_FLOAT_EQ(pose_rig(rig, pose)[1].positions[2].y, 184 + 4);
  pose[static_cast<std::size_t>(pose_parameter_index("mouth_iii"))] = 1;
  EXPECT_FLOAT_EQ(pose_rig(rig, pose)[1].positions[2].y, 184 + 12);
  EXPECT_FLOAT_EQ(pose_rig(rig, pose)[1].positions[0].y, 104);
}

TEST(RigPose, NegativeValuesHaveMorphsOfTheirOwn) {
  Rig rig = hand_made_rig();
  control(rig, "iris_rotation_x").morphs = {{"up", 1, false}, {"down", 2, true}};
  EXPECT_FLOAT_EQ(weight_of(rig, pose_of("iris_rotation_x", 0.5F), "up"), 0.5F);
  EXPECT_FLOAT_EQ(weight_of(rig, pose_of("iris_rotation_x", 0.5F), "down"), 0);
  EXPECT_FLOAT_EQ(weight_of(rig, pose_of("iris_rotation_x", -0.5F), "up"), 0);
  EXPECT_FLOAT_EQ(weight_of(rig, pose_of("iris_rotation_x", -0.5F), "down"), 1);
}

TEST(RigReach, LeavesWhatMovesSomethingAndNothingElse) {
  Rig rig = hand_made_rig();
  rig.meshes[1].morphs.push_back({"up", {0}, {{0, -4, 0}}});
  control(rig, "iris_rotation_x").morphs = {{"up", 1, false}};
  const RigReach reach = reach_of(rig);
  Pose pose;
  pose.fill(0.5F);
  const Pose reached = within_reach(reach, pose);
  for (const PoseParameter& parameter : pose_parameters()) {
    const bool moves = parameter.name == "head_y" || parameter.name == "neck_z" ||
                       parameter.name == "mouth_aaa" || parameter.name == "iris_rotation_x";
    EXPECT_EQ(reached[static_cast<std::size_t>(pose_parameter_index(parameter.name))], moves ? 0.5F : 0)
        << parameter.name;
  }
  EXPECT_EQ(within_reach(reach, pose_of("iris_rotation_x", -1)), Pose{});
  EXPECT_EQ(within_reach(reach, pose_of("head_y", -1)), pose_of("head_y", -1));
}

bool moves(const Rig& rig, const char* parameter) {
  return within_reach(reach_of(rig), pose_of(parameter, 1)) != Pose{};
}

TEST(RigReach, IsOfWhatCanBeSeen) {
  Rig rig = hand_made_rig();
  control(rig, "mouth_iii").morphs = {{"of another character", 1, false}};
  EXPECT_FALSE(moves(rig, "mouth_iii"));
  rig.meshes[1].morphs.push_back({"still", {0}, {{0, 0, 0}}});
  control(rig, "mouth_iii").morphs = {{"still", 1, false}};
  EXPECT_FALSE(moves(rig, "mouth_iii"));

  rig.bones.push_back({"leftEye", kHeadBone, {280, 140, 20}});
  control(rig, "iris_rotation_y").turns = {{2, {0, 10, 0}}};
  EXPECT_FALSE(moves(rig, "iris_rotation_y")) << "nothing hangs on that bone";
  rig.meshes[1].bones[0] = {2, kHeadBone, 0, 0};
  rig.meshes[1].bone_weights[0] = {0.5F, 0.5F, 0, 0};
  EXPECT_TRUE(moves(rig, "iris_rotation_y"));
  control(rig, "iris_rotation_y").turns = {{2, {0, 0, 0}}};
  EXPECT_FALSE(moves(rig, "iris_rotation_y"));
  control(rig, "body_z").turns = {{0, {0, 0, 5}}};
  EXPECT_TRUE(moves(rig, "body_z")) << "by what hangs on what hangs on it";

  EXPECT_TRUE(moves(rig, "mouth_aaa"));
  Rig clear = rig;
  clear.materials[0].color.w = 0;
  EXPECT_FALSE(moves(clear, "mouth_aaa")) << "nobody sees it";
  Rig cut = rig;
  cut.materials[0].color.w = 0.4F;
  EXPECT_TRUE(moves(cut, "mouth_aaa"));
  cut.materials[0].alpha_cutoff = 0.5F;
  EXPECT_FALSE(moves(cut, "mouth_aaa"));
  Rig colored = rig;
  colored.meshes[1].colors = {{1, 1, 1, 1}, {1, 1, 1, 0}, {1, 1, 1, 0}, {1, 1, 1, 0}};
  EXPECT_TRUE(moves(colored, "mouth_aaa"));
  colored.meshes[1].colors[0].w = 0;
  EXPECT_FALSE(moves(colored, "mouth_aaa"));
  Rig bare = rig;
  bare.meshes[1].triangles.clear();
  EXPECT_FALSE(moves(bare, "mouth_aaa"));
}

TEST(RigPose, LimitedMorphsShareTheirLimit) {
  Rig rig = hand_made_rig();
  control(rig, "mouth_uuu").morphs = {{"pout", 1, false}};
  rig.limits = {{{"open", "pout"}, {1, 3}}};
  Pose pose = pose_of("mouth_aaa", 0.25F);
  EXPECT_FLOAT_EQ(weight_of(rig, pose, "open"), 0.25F) << "within the limit nothing changes";
  pose = pose_of("mouth_aaa", 1);
  pose[static_cast<std::size_t>(pose_parameter_index("mouth_uuu"))] = 1;
  EXPECT_FLOAT_EQ(weight_of(rig, pose, "open"), 0.25F);
  EXPECT_FLOAT_EQ(weight_of(rig, pose, "pout"), 0.25F);
}

TEST(RigPose, ThePictureShowsMorphsThatNoPoseDoes) {
  Rig rig = hand_made_rig();
  rig.picture_morphs = {"open"};
  EXPECT_FLOAT_EQ(pose_rig(rig, Pose{})[1].positions[2].y, 184);
  EXPECT_FLOAT_EQ(pose_rig(rig, Pose{}, /*with_bones=*/true, PictureMorphs::shown)[1].positions[2].y,
                  pose_rig(rig, pose_of("mouth_aaa", 1))[1].positions[2].y);
  EXPECT_FLOAT_EQ(pose_rig(rig, pose_of("mouth_aaa", 0.25F))[1].positions[2].y, 184 + 4)
      << "of an open mouth nothing is left when poses open it";
}

TEST(RigPose, BonesCarryTheirChildren) {
  Rig rig = hand_made_rig();
  control(rig, "body_z").turns = {{0, {0, 0, 90}}};
  const auto posed = pose_rig(rig, pose_of("body_z", 1));
  // A quarter turn clockwise about the hips takes what is above them to their right.
  const glm::vec3 head = (posed[1].positions[0] + posed[1].positions[2]) * 0.5F;
  EXPECT_NEAR(head.x, 256 + (400 - 144), 1e-3);
  EXPECT_NEAR(head.y, 400, 1e-3);
}

TEST(RigPose, TurnsGoTheDocumentedWay) {
  Rig rig = hand_made_rig();
  rig.meshes[1].positions[0] = {256, 200, 100};
  control(rig, "head_x").turns = {{kHeadBone, {15, 0, 0}}};
  control(rig, "body_y").turns = {{kHeadBone, {0, 10, 0}}};
  EXPECT_LT(pose_rig(rig, pose_of("head_x", 1))[1].positions[0].y, 200)
      << "positive x: what is in front goes up";
  EXPECT_GT(pose_rig(rig, pose_of("body_y", 1))[1].positions[0].x, 256)
      << "positive y: what is in front goes to the right";
}

TEST(RigPose, VerticesFollowSeveralBonesByWeight) {
  Rig rig = hand_made_rig();
  rig.meshes[1].bones[0] = {kHeadBone, 0, 0, 0};
  rig.meshes[1].bone_weights[0] = {0.25F, 0.75F, 0, 0};
  const auto posed = pose_rig(rig, pose_of("head_y", 1));
  EXPECT_FLOAT_EQ(posed[1].positions[0].x, 216 + 6);
  EXPECT_FLOAT_EQ(posed[1].positions[1].x, 296 + 24);
}

TEST(RigPose, WithoutBonesOnlyMorphsMove) {
  Rig rig = hand_made_rig();
  Pose pose = pose_of("mouth_aaa", 1);
  pose[static_cast<std::size_t>(pose_parameter_index("head_y"))] = 1;
  const auto posed = pose_rig(rig, pose, /*with_bones=*/false);
  EXPECT_EQ(posed[1].positions[2], glm::vec3(296, 200, 20));
  EXPECT_EQ(posed[1].positions[0], glm::vec3(216, 104, 20));
}

struct Damage {
  const char* message;
  std::function<void(Rig&)> apply;
};

TEST(RigCheck, NamesThePartThatIsWrong) {
  EXPECT_NO_THROW(check_rig(hand_made_rig(), "x.vrm"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Damage> damages = {
      {"mesh 1 'front': vertex 4 is not among the 4 there are", [](Rig& r) { r.meshes[1].triangles[0] = 4; }},
      {"mesh 1 'front': its last triangle is not whole", [](Rig& r) { r.meshes[1].triangles.pop_back(); }},
      {"mesh 0 'back': material 2 is not among the 2", [](Rig& r) { r.meshes[0].material = 2; }},
      {"mesh 0 'back': 1 normals, where there must be 4", [](Rig& r) { r.meshes[0].normals.resize(1); }},
      {"mesh 0 'back': 3 texture coordinates", [](Rig& r) { r.meshes[0].texture_coordinates.pop_back(); }},
      {"mesh 0 'back': a vertex is not finite", [nan](Rig& r) { r.meshes[0].positions[1].y = nan; }},
      {"mesh 0 'back': bone 9 is not among the 2", [](Rig& r) { r.meshes[0].bones[0][3] = 9; }},
      {"mesh 0 'back': the bone weights of vertex 2 do not sum to 1",
       [](Rig& r) { r.meshes[0].bone_weights[2].x = 0.5F; }},
      {"mesh 0 'back': 3 bone weights", [](Rig& r) { r.meshes[0].bone_weights.pop_back(); }},
      {"mesh 1 'front': morph 'open': vertex 7", [](Rig& r) { r.meshes[1].morphs[0].vertices[0] = 7; }},
      {"mesh 1 'front': morph 'open': 1 offsets", [](Rig& r) { r.meshes[1].morphs[0].offsets.pop_back(); }},
      {"mesh 1 'front': two morphs are called 'open'",
       [](Rig& r) { r.meshes[1].morphs.push_back(r.meshes[1].morphs[0]); }},
      {"bone 0 'hips': its parent does not come before it", [](Rig& r) { r.bones[0].parent = 0; }},
      {"material 0 'material 0': texture 1 is not", [](Rig& r) { r.materials[0].texture = 1; }},
      {"texture 0: 16380 bytes", [](Rig& r) { r.textures[0].pixels.resize(16380); }},
      {"control 'head_y': bone 2 is not", [](Rig& r) { control(r, "head_y").shifts[0].bone = 2; }},
      {"control 'neck_z': a turn is not finite",
       [nan](Rig& r) { control(r, "neck_z").turns[0].degrees.x = nan; }},
      {"limit 0: 1 amounts, where there must be 2",
       [](Rig& r) {
         r.limits = {{{"a", "b"}, {1}}};
       }},
      {"limit 0: an amount is not",
       [](Rig& r) {
         r.limits = {{{"a"}, {-1}}};
       }},
  };
  for (const Damage& damage : damages) {
    Rig rig = hand_made_rig();
    damage.apply(rig);
    try {
      check_rig(rig, "x.vrm");
      ADD_FAILURE() << "not refused: " << damage.message;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(std::string("x.vrm: ") + damage.message));
    }
  }
}

}  // namespace
}  // namespace tha4::test
