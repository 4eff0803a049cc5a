#include <algorithm>
#include <cmath>
#include <string_view>

#include "input_error_message.h"
#include "vrm_fixture.h"
#include "vrm_import_parts.h"

#include "tha4/rig/rig_source.h"
#include "tha4/rig/vrm.h"

namespace tha4 {
namespace {

using test::bone_named;
using test::BoxAvatar;
using test::contains;
using test::json;
using test::mesh_named;
using test::moved;
using test::posed;

/// Both versions of the specification describe the same character.
class VrmImportOfBoth : public testing::TestWithParam<bool> {
 protected:
  Rig read(const BoxAvatar& avatar) { return read_vrm(avatar.write("both.vrm")); }
  BoxAvatar avatar_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Versions, VrmImportOfBoth, testing::Bool(),
                         [](const auto& version) { return version.param ? "Version0" : "Version1"; });

TEST_P(VrmImportOfBoth, HeadFillsTheMiddleBoxAndLooksAtTheViewer) {
  const Rig rig = read(avatar_);
  const Mesh& face = mesh_named(rig, "Face");
  glm::vec3 min(1e9F);
  glm::vec3 max(-1e9F);
  for (const glm::vec3& position : face.positions) {
    min = glm::min(min, position);
    max = glm::max(max, position);
  }
  EXPECT_GE(min.x, 192);
  EXPECT_LE(max.x, 320);
  EXPECT_GE(min.y, 64);
  EXPECT_LE(max.y, 192);
  EXPECT_GT(max.y - min.y, 100);
  EXPECT_NEAR(min.x + max.x, 512, 1e-2);
  EXPECT_NEAR(min.y + max.y, 256, 1e-2);
  EXPECT_GT(face.positions[4].z, face.positions[0].z) << "the front is nearer to the viewer";
  EXPECT_GT(bone_named(rig, "leftEye").joint.x, 256) << "the character's left is at the right";
  EXPECT_GT(bone_named(rig, "hips").joint.y, bone_named(rig, "head").joint.y) << "y runs down";
}

TEST_P(VrmImportOfBoth, FrontStaysCounterClockwiseWithItsNormalsTowardsTheViewer) {
  const Rig rig = read(avatar_);
  const Mesh& face = mesh_named(rig, "Face");
  const auto corner = [&](std::size_t i) { return face.positions[face.triangles[i]]; };
  const glm::vec3 across = glm::cross(corner(1) - corner(0), corner(2) - corner(0));
  // With y running down, counter-clockwise as seen is a cross product away from the viewer.
  EXPECT_LT(across.z, 0);
  EXPECT_NEAR(face.normals[face.triangles[0]].z, 1, 1e-5);
}

TEST_P(VrmImportOfBoth, ArmsAreLoweredToTheSides) {
  const Rig rig = read(avatar_);
  const Mesh& arm = mesh_named(rig, "Arm");
  const glm::vec3 inner = (arm.positions[0] + arm.positions[2]) / 2.0F;
  const glm::vec3 outer = (arm.positions[1] + arm.positions[3]) / 2.0F;
  const glm::vec3 along = outer - inner;
  EXPECT_NEAR(glm::degrees(std::atan2(along.y, along.x)), 70, 0.1) << "down, and at the picture's right";
  EXPECT_GT(bone_named(rig, "leftHand").joint.y, bone_named(rig, "leftUpperArm").joint.y + 50);
  EXPECT_GT(bone_named(rig, "rightHand").joint.y, bone_named(rig, "rightUpperArm").joint.y + 50);
  EXPECT_LT(bone_named(rig, "rightHand").joint.x, 256);
}

TEST_P(VrmImportOfBoth, MorphsOfVRoidMoveTheirParameters) {
  const Rig rig = read(avatar_);
  EXPECT_EQ(moved(rig, "Face", "eye_wink_left"), (std::vector<std::size_t>{7}));
  EXPECT_EQ(moved(rig, "Face", "mouth_aaa"), (std::vector<std::size_t>{4})) << "a sparse accessor";
  const float rest = posed(rig, "Face", nullptr, 0)[7].y;
  const float half = posed(rig, "Face", "eye_wink_left", 0.5F)[7].y;
  const float full = posed(rig, "Face", "eye_wink_left", 1)[7].y;
  EXPECT_GT(full, rest) << "down";
  EXPECT_NEAR(half - rest, (full - rest) / 2, 1e-4);
}

TEST_P(VrmImportOfBoth, MorphsOfBothSidesAreDivided) {
  const Rig rig = read(avatar_);
  EXPECT_EQ(moved(rig, "Face", "eyebrow_angry_left"), (std::vector<std::size_t>{7}));
  EXPECT_EQ(moved(rig, "Face", "eyebrow_angry_right"), (std::vector<std::size_t>{6}));
}

TEST_P(VrmImportOfBoth, HeadAndBodyTurn) {
  const Rig rig = read(avatar_);
  const auto front = [&](const char* parameter) {
    const auto corners = posed(rig, "Face", parameter, 1);
    return (corners[4] + corners[5] + corners[6] + corners[7]) / 4.0F;
  };
  const glm::vec3 rest = front(nullptr);
  const glm::vec3 joint = bone_named(rig, "head").joint;
  const auto pitch = [&](const glm::vec3& point) {
    return glm::degrees(std::atan2(joint.y - point.y, point.z - joint.z));
  };
  EXPECT_NEAR(pitch(front("head_x")) - pitch(rest), 13, 0.01) << "up";
  const auto yaw = [&](const glm::vec3& point) {
    return glm::degrees(std::atan2(point.x - joint.x, point.z - joint.z));
  };
  EXPECT_NEAR(yaw(front("head_y")), -9, 0.01) << "to the left edge";
  EXPECT_LT(front("neck_z").x, rest.x) << "counter-clockwise";
  EXPECT_LT(front("body_z").x, rest.x);
  EXPECT_LT(front("body_y").x, rest.x);
  EXPECT_NEAR(front("breathing").y, rest.y, 1e-3) << "the chest rises, the head does not";
}

TEST_P(VrmImportOfBoth, EyesTurnByTheirBones) {
  const Rig rig = read(avatar_);
  for (const char* iris : {"LeftIris", "RightIris"}) {
    const glm::vec3 rest = posed(rig, iris, nullptr, 0)[4];
    EXPECT_LT(posed(rig, iris, "iris_rotation_x", 1)[4].y, rest.y) << "up";
    EXPECT_GT(posed(rig, iris, "iris_rotation_x", -1)[4].y, rest.y) << "down";
    EXPECT_LT(posed(rig, iris, "iris_rotation_y", 1)[4].x, rest.x) << "to the left edge";
  }
}

TEST_P(VrmImportOfBoth, ReportNamesWhatIsMissingAndWhatMovesTheRest) {
  const VrmImport import = import_vrm(avatar_.write("report.vrm"));
  EXPECT_EQ(import.report.version, GetParam() ? "0.x" : "1.0");
  EXPECT_EQ(import.report.name, "Boxes");
  EXPECT_EQ(import.rig.name, "Boxes");
  EXPECT_EQ(import.report.authors, (std::vector<std::string>{"A test"}));
  const auto& missing = import.report.missing_parameters;
  EXPECT_TRUE(contains(missing, "mouth_delta"));
  EXPECT_TRUE(contains(missing, "eye_wink_right"));
  EXPECT_FALSE(contains(missing, "eye_wink_left"));
  EXPECT_FALSE(contains(missing, "head_x"));
  EXPECT_FALSE(contains(missing, "iris_rotation_x"));
  EXPECT_EQ(import.report.sources.at("eye_wink_left"), "Fcl_EYE_Close_L");
  EXPECT_EQ(import.report.sources.at("head_x"), "head turns");
}

TEST(VrmImport, WhatMovesNothingThatIsSeenIsMissing) {
  const auto missing = [](const BoxAvatar& avatar) {
    return import_vrm(avatar.write("unseen.vrm")).report.missing_parameters;
  };
  BoxAvatar left;  // a morph for both sides that moves one
  left.add_morph(left.head_mesh, "Fcl_EYE_Joy", {{7, {0, -0.02F, 0}}});
  EXPECT_TRUE(contains(missing(left), "eye_happy_wink_right"));
  EXPECT_FALSE(contains(missing(left), "eye_happy_wink_left"));
  BoxAvatar clear;
  clear.primitive(clear.head_mesh)["material"] = clear.file.add(
      "materials", {{"alphaMode", "BLEND"}, {"pbrMetallicRoughness", {{"baseColorFactor", {1, 1, 1, 0}}}}});
  EXPECT_TRUE(contains(missing(clear), "mouth_aaa"));
  EXPECT_FALSE(contains(missing(clear), "body_z"));
}

TEST(VrmImport, ExpressionsOfVersion0MoveWhatTheirPresetsSay) {
  BoxAvatar avatar(true);
  json names = json::array({"morph a", "morph b", "morph c"});
  avatar.primitive(avatar.head_mesh)["extras"]["targetNames"] = names;
  avatar.vrm()["blendShapeMaster"]["blendShapeGroups"] = {
      {{"name", "Blink_L"},
       {"presetName", "blink_l"},
       {"binds", {{{"mesh", avatar.head_mesh}, {"index", 0}, {"weight", 50}}}}},
      {{"name", "A"},
       {"presetName", "a"},
       {"binds", {{{"mesh", avatar.head_mesh}, {"index", 2}, {"weight", 100}}}}},
      {{"name", "mouth_delta"},
       {"presetName", "unknown"},
       {"binds", {{{"mesh", avatar.head_mesh}, {"index", 2}, {"weight", 100}}}}}};
  const Rig rig = read_vrm(avatar.write("expressions0.vrm"));
  EXPECT_EQ(moved(rig, "Face", "eye_wink_left"), (std::vector<std::size_t>{7}));
  EXPECT_EQ(moved(rig, "Face", "mouth_aaa"), (std::vector<std::size_t>{4}));
  EXPECT_EQ(moved(rig, "Face", "mouth_delta"), (std::vector<std::size_t>{4})) << "by its own name";
  const auto& wink = rig.controls[static_cast<std::size_t>(pose_parameter_index("eye_wink_left"))];
  EXPECT_FLOAT_EQ(wink.morphs[0].weight, 0.5F);
}

TEST(VrmImport, LookExpressionsMoveTheIrisWhereTheyAreAskedFor) {
  BoxAvatar avatar;
  const auto node_of_face = avatar.bone_names.size();
  avatar.vrm()["lookAt"]["type"] = "expression";
  avatar.vrm()["expressions"]["preset"]["lookUp"]["morphTargetBinds"] = {
      {{"node", node_of_face}, {"index", 0}, {"weight", 1}}};
  avatar.vrm()["expressions"]["preset"]["lookDown"]["morphTargetBinds"] = {
      {{"node", node_of_face}, {"index", 2}, {"weight", 1}}};
  const Rig rig = read_vrm(avatar.write("look.vrm"));
  const auto rest = posed(rig, "Face", nullptr, 0);
  const auto up = posed(rig, "Face", "iris_rotation_x", 1);
  const auto down = posed(rig, "Face", "iris_rotation_x", -1);
  EXPECT_NE(up[7], rest[7]);
  EXPECT_EQ(up[4], rest[4]);
  EXPECT_EQ(down[7], rest[7]);
  EXPECT_NE(down[4], rest[4]);
}

TEST(VrmImport, NamesWithPrefixesAndOfArkitAreFound) {
  BoxAvatar avatar;
  avatar.file.content["meshes"][0]["extras"]["targetNames"] = {"Face.M_F00_000_00_Fcl_EYE_Close_L",
                                                               "browInnerUp", "EYEBLINKRIGHT"};
  const VrmImport import = import_vrm(avatar.write("names.vrm"));
  EXPECT_EQ(moved(import.rig, "Face", "eye_wink_left"), (std::vector<std::size_t>{7}));
  EXPECT_EQ(moved(import.rig, "Face", "eye_wink_right"), (std::vector<std::size_t>{4}));
  EXPECT_EQ(moved(import.rig, "Face", "eyebrow_troubled_right"), (std::vector<std::size_t>{6}));
}

TEST(VrmImport, ShutEyesAndOpenMouthsAreLimited) {
  BoxAvatar avatar;
  avatar.add_morph(avatar.head_mesh, "Fcl_EYE_Joy_L", {{7, {0, -0.02F, 0}}});
  const Rig rig = read_vrm(avatar.write("limits.vrm"));
  Pose pose{};
  pose[static_cast<std::size_t>(pose_parameter_index("eye_wink_left"))] = 1;
  pose[static_cast<std::size_t>(pose_parameter_index("eye_happy_wink_left"))] = 1;
  float sum = 0;
  for (const auto& [name, weight] : morph_weights(rig, pose)) sum += weight;
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(VrmImport, TableOfTheUserIsLookedForBesideTheAvatar) {
  const auto file = BoxAvatar().write("beside.vrm");
  std::filesystem::remove(vrm_parameter_file(file));
  EXPECT_TRUE(moved(open_rig(file.string()), "Face", "mouth_smirk").empty());
  write_text_file(vrm_parameter_file(file), R"({"parameters": {"mouth_smirk": [{"fcl_mth_a": 0.5}]}})");
  EXPECT_EQ(moved(open_rig(file.string()), "Face", "mouth_smirk"), (std::vector<std::size_t>{4}));
}

TEST(VrmImport, MToonOfVersion1BecomesTheRigsMaterial) {
  BoxAvatar avatar;
  RgbaImage picture(2, 2);
  for (std::size_t i = 0; i < picture.pixels.size(); ++i)
    picture.pixels[i] = static_cast<std::uint8_t>(10 * i);
  const int texture =
      avatar.add_textured_material(avatar.head_mesh, picture,
                                   {{"name", "skin"},
                                    {"alphaMode", "BLEND"},
                                    {"doubleSided", true},
                                    {"pbrMetallicRoughness", {{"baseColorFactor", {1, 0.5, 0, 0.5}}}}});
  avatar.file.content["materials"][0]["extensions"]["VRMC_materials_mtoon"] = {
      {"specVersion", "1.0"},
      {"shadeColorFactor", {0.5, 0.25, 0}},
      {"shadeMultiplyTexture", {{"index", texture}}},
      {"shadingShiftFactor", -0.25},
      {"shadingToonyFactor", 0.75},
      {"outlineWidthMode", "worldCoordinates"},
      {"outlineWidthFactor", 0.002},
      {"outlineColorFactor", {1, 1, 1}}};
  const Rig rig = read_vrm(avatar.write("mtoon1.vrm"));
  EXPECT_EQ(rig.meshes.back().name, "Face") << "what blends is drawn last";
  const Material& material = rig.materials[static_cast<std::size_t>(rig.meshes.back().material)];
  EXPECT_EQ(material.name, "skin");
  ASSERT_EQ(material.texture, 0);
  EXPECT_EQ(rig.textures[0].pixels, picture.pixels);
  EXPECT_NEAR(material.color.y, 0.7354, 1e-3) << "sRGB of linear 0.5";
  EXPECT_FLOAT_EQ(material.color.w, 0.5F);
  EXPECT_TRUE(material.is_lit);
  EXPECT_TRUE(material.is_two_sided);
  EXPECT_FALSE(material.writes_depth);
  EXPECT_NEAR(material.shade_color.x, 0.7354, 1e-3) << "half the light of the lit side";
  EXPECT_NEAR(material.shade_color.y, 0.7354, 1e-3);
  EXPECT_FLOAT_EQ(material.shade_threshold, 0.25F);
  EXPECT_FLOAT_EQ(material.shade_softness, 0.5F);
  const float pixels_per_metre = (rig.meshes.back().positions[1].x - rig.meshes.back().positions[0].x) / 0.2F;
  EXPECT_NEAR(material.outline_width, 0.002F * pixels_per_metre, 1e-3);
  EXPECT_FLOAT_EQ(material.outline_color.x, 1);

  avatar.file.content["materials"][0]["extensions"]["VRMC_materials_mtoon"]["transparentWithZWrite"] = true;
  const Rig solid = read_vrm(avatar.write("mtoon1_solid.vrm"));
  EXPECT_TRUE(solid.materials[static_cast<std::size_t>(solid.meshes.back().material)].writes_depth);
}

TEST(VrmImport, MToonOfVersion0IsReadFromItsUnityProperties) {
  BoxAvatar avatar(true);
  const int texture = avatar.add_textured_material(avatar.head_mesh, RgbaImage(4, 4), {{"name", "skin"}});
  avatar.vrm()["materialProperties"] = {
      {{"name", "skin"},
       {"shader", "VRM/MToon"},
       {"floatProperties",
        {{"_BlendMode", 1},
         {"_Cutoff", 0.3},
         {"_CullMode", 0},
         {"_ShadeShift", -0.5},
         {"_ShadeToony", 0.5},
         {"_OutlineWidthMode", 1},
         {"_OutlineWidth", 0.2}}},
       {"vectorProperties", {{"_Color", {0.5, 1, 1, 1}}, {"_ShadeColor", {0.5, 0.5, 1, 1}}}},
       {"textureProperties", {{"_MainTex", texture}, {"_ShadeTexture", texture}}}}};
  const Rig rig = read_vrm(avatar.write("mtoon0.vrm"));
  const Material& material = rig.materials[static_cast<std::size_t>(mesh_named(rig, "Face").material)];
  EXPECT_TRUE(material.is_lit);
  EXPECT_TRUE(material.is_two_sided);
  EXPECT_FLOAT_EQ(material.alpha_cutoff, 0.3F);
  EXPECT_NEAR(material.color.x, 0.5, 1e-5) << "Unity's colours are sRGB";
  EXPECT_NEAR(material.shade_color.x, 1, 1e-3) << "relative to the lit colour";
  EXPECT_NEAR(material.shade_color.y, 0.5, 1e-3);
  // From -0.5, all shade, to half of the way back to 1, all light.
  EXPECT_NEAR(material.shade_softness, 0.75, 1e-5);
  EXPECT_NEAR(material.shade_threshold, -0.125, 1e-5);
  EXPECT_GT(material.outline_width, 0.5);
}

TEST(VrmImport, OpaqueMaterialsIgnoreAlphaAndUnlitOnesTheLight) {
  BoxAvatar avatar;
  avatar.add_textured_material(avatar.head_mesh, RgbaImage(2, 2),
                               {{"extensions", {{"KHR_materials_unlit", json::object()}}}});
  const Rig rig = read_vrm(avatar.write("opaque.vrm"));
  const Material& material = rig.materials[static_cast<std::size_t>(mesh_named(rig, "Face").material)];
  EXPECT_FALSE(material.is_lit);
  EXPECT_EQ(rig.textures[static_cast<std::size_t>(material.texture)].pixels[3], 255);
}

/// The rule of KHR_texture_transform for corners at which u and v are 0 or 1.
TEST(VrmImport, TransformedTexturesTransformTheirCoordinates) {
  const auto coordinates = [](const json& transform) {
    BoxAvatar avatar;
    avatar.add_textured_material(avatar.head_mesh, RgbaImage(2, 2), json::object());
    avatar.file.content["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"]["extensions"] = {
        {"KHR_texture_transform", transform}};
    avatar.file.content["extensionsRequired"] = {"KHR_texture_transform"};
    return mesh_named(read_vrm(avatar.write("transformed.vrm")), "Face").texture_coordinates;
  };
  const auto expect = [](const std::vector<glm::vec2>& found, const auto& expected) {
    ASSERT_EQ(found.size(), 8U);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const glm::vec2 before((i & 1U) != 0 ? 1 : 0, (i & 2U) != 0 ? 0 : 1);
      EXPECT_LT(glm::distance(found[i], expected(before)), 1e-5F) << "corner " << i;
    }
  };
  expect(coordinates(json::object()), [](glm::vec2 uv) { return uv; });
  expect(coordinates({{"offset", {0.25, 0.5}}, {"scale", {0.5, -2}}}),
         [](glm::vec2 uv) { return glm::vec2(0.25F + 0.5F * uv.x, 0.5F - 2 * uv.y); });
  // The example of the specification: the lower left quarter of the picture, turned by a right angle.
  expect(coordinates({{"offset", {0, 1}}, {"rotation", 1.57079632679}, {"scale", {0.5, 0.5}}}),
         [](glm::vec2 uv) { return glm::vec2(0.5F * uv.y, 1 - 0.5F * uv.x); });
  // Scaled first, then turned.
  expect(coordinates({{"rotation", 1.57079632679}, {"scale", {2, 3}}}),
         [](glm::vec2 uv) { return glm::vec2(3 * uv.y, -2 * uv.x); });
  const std::string message = input_error_message([&] { coordinates({{"scale", {1e9, 1}}}); });
  EXPECT_NE(message.find("KHR_texture_transform.scale"), std::string::npos) << message;
}

TEST(VrmImport, MeshesWithoutSkinFollowTheirNode) {
  BoxAvatar avatar;
  json& nodes = avatar.file.content["nodes"];
  json& face = nodes[avatar.bone_names.size()];
  face.erase("skin");
  face["translation"] = {0, -1.43, 0};
  nodes[static_cast<std::size_t>(avatar.bone("head"))]["children"].push_back(avatar.bone_names.size());
  avatar.file.content["scenes"][0]["nodes"] = {0};
  const Rig rig = read_vrm(avatar.write("rigid.vrm"));
  EXPECT_FALSE(moved(rig, "Face", "head_y").empty());
  EXPECT_NEAR(mesh_named(rig, "Face").positions[0].y + mesh_named(rig, "Face").positions[2].y, 256, 0.1);
}

}  // namespace
}  // namespace tha4
