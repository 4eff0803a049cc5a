#include <algorithm>
#include <array>

#include "input_error_message.h"
#include "vrm_fixture.h"
#include "vrm_import_parts.h"

#include "tha4/rig/vrm.h"

// What of a file's content is taken, and what is passed over with a note.

namespace tha4::test {
namespace {

class VrmContentOfBoth : public testing::TestWithParam<bool> {
 protected:
  Rig read(const BoxAvatar& avatar) { return read_vrm(avatar.write("content.vrm")); }
  BoxAvatar avatar_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Versions, VrmContentOfBoth, testing::Bool(),
                         [](const auto& test) { return test.param ? "Vrm0" : "Vrm1"; });

/// The sum of what moves corner 7 of the face, in the pose in which \p parameters are 1.
float strength(const Rig& rig, const std::vector<std::string>& parameters) {
  Pose pose{};
  for (const std::string& name : parameters) {
    pose[static_cast<std::size_t>(pose_parameter_index(name))] = 1;
  }
  float sum = 0;
  for (const auto& [name, weight] : morph_weights(rig, pose)) sum += weight;
  return sum;
}

TEST(VrmContent, ParametersOfSeveralMorphsWorkInFull) {
  // Names of perfect sync, whose happy wink takes two of them, one of which is the wink.
  for (const std::string side : {"Right", "_R"}) {
    BoxAvatar arkit;
    arkit.add_morph(arkit.head_mesh, "eyeBlink" + side, {{6, {0, -0.02F, 0}}});
    arkit.add_morph(arkit.head_mesh, "cheekSquint" + side, {{4, {0, 0.01F, 0}}});
    const Rig blinks = read_vrm(arkit.write("perfect_sync.vrm"));
    EXPECT_FLOAT_EQ(strength(blinks, {"eye_wink_right"}), 1);
    EXPECT_FLOAT_EQ(strength(blinks, {"eye_happy_wink_right"}), 2) << "both of its morphs at full strength";
    EXPECT_FLOAT_EQ(strength(blinks, {"eye_wink_right", "eye_happy_wink_right"}), 1.5F)
        << "the mean of both: the eye is shut, and no more than that";
  }

  // An expression of seven morphs, each with a name of its own.
  BoxAvatar named;
  json& binds = named.vrm()["expressions"]["preset"]["oh"]["morphTargetBinds"];
  for (int i = 0; i < 7; ++i) {
    named.add_morph(named.head_mesh, "mouth of mesh " + std::to_string(i), {{4, {0, -0.001F, 0}}});
    binds.push_back({{"node", named.bone_names.size()}, {"index", 3 + i}, {"weight", 1}});
  }
  const Rig mouths = read_vrm(named.write("seven.vrm"));
  EXPECT_FLOAT_EQ(strength(mouths, {"mouth_ooo"}), 7);
  EXPECT_FLOAT_EQ(strength(mouths, {"mouth_ooo", "mouth_aaa"}), 4) << "half of seven and half of one";
}

/// Programs call morphs "Key 1" in every mesh.
TEST(VrmContent, MorphsThatAreOnlyCalledAlikeMoveApart) {
  BoxAvatar avatar;
  const int iris = avatar.head_mesh + 1;
  avatar.add_morph(avatar.head_mesh, "Key 1", {{4, {0, -0.01F, 0}}});
  avatar.add_morph(iris, "Key 1", {{4, {0, -0.01F, 0}}});
  const auto bind = [&](int mesh, int index, double weight) -> json {
    return {{"node", avatar.bone_names.size() + static_cast<std::size_t>(mesh)},
            {"index", index},
            {"weight", weight}};
  };
  const auto distances = [&](const std::vector<json>& binds, const char* parameter) {
    avatar.vrm()["expressions"]["preset"]["oh"]["morphTargetBinds"] = binds;
    const Rig rig = read_vrm(avatar.write("called_alike.vrm"));
    const auto of = [&](const char* mesh) {
      return glm::distance(posed(rig, mesh, nullptr, 0)[4], posed(rig, mesh, parameter, 1)[4]);
    };
    return std::array{of("Face"), of("LeftIris")};
  };
  const auto both = distances({bind(0, 3, 1), bind(1, 0, 1)}, "mouth_ooo");
  EXPECT_GT(both[0], 0.1F);
  EXPECT_NEAR(both[0], both[1], 1e-3);
  EXPECT_EQ(distances({bind(0, 3, 1)}, "mouth_ooo"), (std::array{both[0], 0.0F}));
  EXPECT_EQ(distances({bind(1, 0, 1)}, "mouth_ooo"), (std::array{0.0F, both[1]}));
  const auto halved = distances({bind(0, 3, 0.5), bind(1, 0, 1)}, "mouth_ooo");
  EXPECT_NEAR(halved[0], both[0] / 2, 1e-3);
  EXPECT_NEAR(halved[1], both[1], 1e-3);
  EXPECT_EQ(distances({bind(0, 3, 0.5), bind(1, 0, 1), bind(0, 3, 0.5)}, "mouth_ooo"), both)
      << "binds add up";
}

/// What a table calls by a name is still all that bears it.
TEST(VrmContent, NamesOfATableMeanAllMorphsThatBearThem) {
  BoxAvatar avatar;
  avatar.add_morph(avatar.head_mesh, "Fcl_MTH_O", {{4, {0, -0.01F, 0}}});
  avatar.add_morph(avatar.head_mesh + 1, "Fcl_MTH_O", {{4, {0, -0.01F, 0}}});
  avatar.vrm()["expressions"]["preset"]["happy"]["morphTargetBinds"] = {
      {{"node", avatar.bone_names.size()}, {"index", 3}, {"weight", 1}}};
  const Rig rig = read_vrm(avatar.write("named_by_table.vrm"));
  EXPECT_EQ(moved(rig, "Face", "mouth_ooo"), (std::vector<std::size_t>{4}));
  EXPECT_EQ(moved(rig, "LeftIris", "mouth_ooo"), (std::vector<std::size_t>{4}));
}

/// A face whose second texture coordinates are half the first.
BoxAvatar textured_avatar(json material) {
  BoxAvatar avatar;
  avatar.add_textured_material(avatar.head_mesh, RgbaImage(2, 2), std::move(material));
  std::vector<float> halves;
  for (unsigned i = 0; i < 8; ++i) {
    halves.insert(halves.end(), {(i & 1U) != 0 ? 0.5F : 0.0F, (i & 2U) != 0 ? 0.0F : 0.5F});
  }
  avatar.primitive(avatar.head_mesh)["attributes"]["TEXCOORD_1"] = avatar.file.add_vec2(halves);
  return avatar;
}

TEST(VrmContent, TexturesAreShownByTheirOwnCoordinates) {
  BoxAvatar second = textured_avatar(json::object());
  json& info = second.file.content["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"];
  info["texCoord"] = 1;
  const auto largest = [](const BoxAvatar& avatar) {
    const Rig rig = read_vrm(avatar.write("coordinates.vrm"));
    glm::vec2 max(0);
    for (const glm::vec2& at : mesh_named(rig, "Face").texture_coordinates) max = glm::max(max, at);
    return max;
  };
  EXPECT_EQ(largest(second), glm::vec2(0.5F));
  // The extension has the last word.
  info["extensions"]["KHR_texture_transform"] = {{"texCoord", 0}, {"scale", {3, 1}}};
  EXPECT_EQ(largest(second), glm::vec2(3, 1));
  info["texCoord"] = 5;
  info.erase("extensions");
  EXPECT_EQ(largest(second), glm::vec2(0)) << "coordinates that are not there show one point";
}

TEST(VrmContent, SamplersSayWhatIsBeyondTheEdges) {
  BoxAvatar avatar = textured_avatar(json::object());
  const auto imported = [&] { return read_vrm(avatar.write("sampler.vrm")); };
  EXPECT_EQ(imported().materials.at(0).wrap_x, TextureWrap::repeat);
  avatar.file.content["samplers"] = {{{"wrapS", 33648}, {"wrapT", 33071}, {"magFilter", 9728}}};
  avatar.file.content["textures"][0]["sampler"] = 0;
  const Rig rig = imported();
  EXPECT_EQ(rig.materials.at(0).wrap_x, TextureWrap::mirror);
  EXPECT_EQ(rig.materials.at(0).wrap_y, TextureWrap::clamp);
  EXPECT_FALSE(rig.materials.at(0).is_smooth);
  // What was read is written, for this program and for others.
  const auto copy = std::filesystem::path(testing::TempDir()) / "tha4_vrm" / "sampler_copy.vrm";
  write_vrm(rig, copy);
  EXPECT_EQ(read_vrm(copy).materials.at(0).wrap_x, TextureWrap::mirror);
  const json content = test::GltfFile::of(read_text_file(copy)).content;
  const int texture = content["materials"][0]["pbrMetallicRoughness"]["baseColorTexture"]["index"];
  const int sampler = content["textures"][static_cast<std::size_t>(texture)]["sampler"];
  EXPECT_EQ(content["samplers"][static_cast<std::size_t>(sampler)]["wrapS"], 33648);
  avatar.file.content["textures"][0]["sampler"] = 7;
  EXPECT_NE(input_error_message(imported).find("samplers.7"), std::string::npos);
}

TEST(VrmContent, UnityShiftsAndScalesTexturesUpwards) {
  BoxAvatar avatar(true);
  avatar.add_textured_material(avatar.head_mesh, RgbaImage(2, 2), json::object());
  avatar.vrm()["materialProperties"] = {{{"shader", "VRM/MToon"},
                                         {"vectorProperties", {{"_MainTex", {0.25, 0, 0.5, 0.5}}}},
                                         {"textureProperties", {{"_MainTex", 0}}}}};
  const Rig rig = read_vrm(avatar.write("unity.vrm"));
  glm::vec2 min(9), max(-9);
  for (const glm::vec2& at : mesh_named(rig, "Face").texture_coordinates) {
    min = glm::min(min, at);
    max = glm::max(max, at);
  }
  EXPECT_EQ(min, glm::vec2(0.25F, 0.5F)) << "the lower half, a quarter to the right";
  EXPECT_EQ(max, glm::vec2(0.75F, 1));
}

TEST(VrmContent, ColoursOfVerticesCountWhereMToonDoesNotForbidIt) {
  BoxAvatar avatar = textured_avatar({{"extensions", {{"KHR_materials_unlit", json::object()}}}});
  std::vector<float> reds;
  for (int i = 0; i < 8; ++i) reds.insert(reds.end(), {1, 0.25F, 0});
  avatar.primitive(avatar.head_mesh)["attributes"]["COLOR_0"] = avatar.file.add_vec3(reds);
  const Rig rig = read_vrm(avatar.write("colors.vrm"));
  ASSERT_EQ(mesh_named(rig, "Face").colors.size(), 8U);
  EXPECT_EQ(mesh_named(rig, "Face").colors[0], glm::vec4(1, 0.25F, 0, 1));
  const auto copy = std::filesystem::path(testing::TempDir()) / "tha4_vrm" / "colors_copy.vrm";
  write_vrm(rig, copy);
  EXPECT_EQ(mesh_named(read_vrm(copy), "Face").colors, mesh_named(rig, "Face").colors);
  avatar.file.content["materials"][0]["extensions"]["VRMC_materials_mtoon"] = {{"specVersion", "1.0"}};
  EXPECT_TRUE(mesh_named(read_vrm(avatar.write("colors.vrm")), "Face").colors.empty());
}

bool has_mesh(const Rig& rig, const char* name) {
  return std::any_of(rig.meshes.begin(), rig.meshes.end(),
                     [&](const Mesh& mesh) { return mesh.name == name; });
}

TEST_P(VrmContentOfBoth, OnlyMeshesThatOthersSeeAreDrawn) {
  EXPECT_TRUE(has_mesh(read(avatar_), "Arm"));
  json& nodes = avatar_.file.content["nodes"];
  const std::size_t arm = nodes.size() - 1;
  // For the character's own eyes.
  BoxAvatar first_person = avatar_;
  json& annotations = first_person.vrm()["firstPerson"]["meshAnnotations"];
  annotations = GetParam() ? json{{{"mesh", 3}, {"firstPersonFlag", "FirstPersonOnly"}},
                                  {{"mesh", 0}, {"firstPersonFlag", "ThirdPersonOnly"}},
                                  {{"mesh", 99}, {"firstPersonFlag", "FirstPersonOnly"}}}
                           : json{{{"node", arm}, {"type", "firstPersonOnly"}},
                                  {{"node", arm - 3}, {"type", "thirdPersonOnly"}},
                                  {{"node", 999}, {"type", "firstPersonOnly"}}};
  const VrmImport import = import_vrm(first_person.write("first_person.vrm"));
  EXPECT_FALSE(has_mesh(import.rig, "Arm"));
  EXPECT_TRUE(has_mesh(import.rig, "Face"));
  EXPECT_TRUE(contains(import.report.notes,
                       "1 first-person annotations refer to what is not in the file, or to nothing, and were "
                       "passed over."));
  // Outside of the scene, or under a node that is.
  BoxAvatar outside = avatar_;
  json& roots = outside.file.content["scenes"][0]["nodes"];
  roots.erase(roots.size() - 1);
  EXPECT_FALSE(has_mesh(read(outside), "Arm"));
  outside.file.content["nodes"].push_back({{"name", "group"}, {"children", json::array({arm})}});
  EXPECT_FALSE(has_mesh(read(outside), "Arm"));
  roots.push_back(arm + 1);
  EXPECT_TRUE(has_mesh(read(outside), "Arm"));
  outside.file.content["nodes"].back()["extensions"]["KHR_node_visibility"] = {{"visible", false}};
  EXPECT_FALSE(has_mesh(read(outside), "Arm"));
  outside.file.content["scenes"][0]["nodes"] = json::array({0});
  EXPECT_NE(input_error_message([&] { read(outside); }).find("outside of the scene"), std::string::npos);
}

TEST_P(VrmContentOfBoth, StaleBindsArePassedOver) {
  const std::size_t face = avatar_.bone_names.size();
  json binds;
  if (GetParam()) {
    binds = {{{"mesh", 999}, {"index", 0}, {"weight", 100}},
             {{"mesh", -1}, {"index", 0}, {"weight", 100}},
             {{"mesh", 0}, {"index", 77}, {"weight", 100}},
             {{"mesh", 0}, {"index", 2}, {"weight", 100.001}},
             {{"index", 0}, {"weight", 100}},
             {{"mesh", "Face"}, {"index", 0}, {"weight", 100}},
             {{"mesh", 0}, {"index", 0}}};
    avatar_.vrm()["blendShapeMaster"]["blendShapeGroups"] = {{{"presetName", "o"}, {"binds", binds}},
                                                             {{"presetName", "e"}, {"binds", nullptr}}};
    avatar_.vrm()["humanoid"]["humanBones"].push_back({{"bone", "jaw"}, {"node", -1}});
    avatar_.vrm()["humanoid"]["humanBones"].push_back({{"bone", "leftEye2"}, {"node", 999}});
  } else {
    binds = {{{"node", 999}, {"index", 0}, {"weight", 1}},
             {{"node", 0}, {"index", 0}, {"weight", 1}},
             {{"node", face}, {"index", 77}, {"weight", 1}},
             {{"node", face}, {"index", 2}, {"weight", 1.00001}},
             {{"index", 0}, {"weight", 1}},
             {{"node", "Face"}, {"index", 0}, {"weight", 1}},
             {{"node", face}, {"index", 0}}};
    avatar_.vrm()["expressions"]["preset"]["oh"]["morphTargetBinds"] = binds;
    avatar_.vrm()["expressions"]["preset"]["ee"]["morphTargetBinds"] = nullptr;
    avatar_.vrm()["humanoid"]["humanBones"]["leftEye2"] = {{"node", 999}};
  }
  const VrmImport import = import_vrm(avatar_.write("stale.vrm"));
  EXPECT_EQ(moved(import.rig, "Face", "mouth_ooo"), (std::vector<std::size_t>{4}));
  EXPECT_TRUE(
      contains(import.report.notes,
               "6 binds of expressions refer to what is not in the file, or to nothing, and were passed "
               "over."));
  EXPECT_TRUE(contains(import.report.notes,
                       "The bone 'leftEye2' is at a node that is not there and was passed over."));
}

/// Some programs write it wherever there is nothing.
TEST_P(VrmContentOfBoth, NullIsNothing) {
  const Rig plain = read(avatar_);
  for (const char* key : {"animations", "extras", "cameras"}) avatar_.file.content[key] = nullptr;
  for (json& node : avatar_.file.content["nodes"]) node["camera"] = node["extensions"] = nullptr;
  for (const char* key : {"lookAt", "firstPerson", "secondaryAnimation", "materialProperties"}) {
    if (!avatar_.vrm().contains(key)) avatar_.vrm()[key] = nullptr;
  }
  if (!GetParam()) avatar_.vrm()["expressions"]["custom"] = nullptr;
  const Rig rig = read(avatar_);
  EXPECT_EQ(rig.meshes.size(), plain.meshes.size());
  EXPECT_EQ(moved(rig, "Face", "mouth_aaa"), moved(plain, "Face", "mouth_aaa"));
}

TEST_P(VrmContentOfBoth, OfBonesOnOneNodeTheNeededOneStays) {
  json& bones = avatar_.vrm()["humanoid"]["humanBones"];
  (GetParam() ? bones[static_cast<std::size_t>(avatar_.bone("neck"))] : bones["neck"])["node"] =
      avatar_.bone("head");
  const VrmImport import = import_vrm(avatar_.write("shared.vrm"));
  const auto count = [&](const char* name) {
    return std::count_if(import.rig.bones.begin(), import.rig.bones.end(),
                         [&](const Bone& bone) { return bone.name == name; });
  };
  EXPECT_EQ(count("head"), 1);
  EXPECT_EQ(count("neck"), 0);
  EXPECT_TRUE(
      contains(import.report.notes, "The bone 'neck' has the node of another one and was passed over."));
}

TEST(VrmContent, StripsAndFansAreTriangles) {
  BoxAvatar avatar;
  const auto triangles = [&](int mode, const std::vector<std::uint16_t>& indices) {
    avatar.primitive(0)["mode"] = mode;
    avatar.primitive(0)["indices"] = avatar.file.add_indices(indices);
    const Rig rig = read_vrm(avatar.write("strips.vrm"));
    return mesh_named(rig, "Face").triangles;
  };
  using Corners = std::vector<std::uint32_t>;
  // Corners that are used are numbered anew: 4, 5, 6, 7 become 0, 1, 2, 3.
  EXPECT_EQ(triangles(5, {4, 5, 6, 7}), (Corners{0, 1, 2, 1, 3, 2}));
  EXPECT_EQ(triangles(5, {4, 5, 5, 6, 7}), (Corners{0, 1, 2})) << "two of no area, and one";
  EXPECT_EQ(triangles(6, {4, 5, 7, 6}), (Corners{1, 3, 0, 3, 2, 0}));
  avatar.primitive(0)["mode"] = 1;
  const VrmImport lines = import_vrm(avatar.write("lines.vrm"));
  EXPECT_FALSE(has_mesh(lines.rig, "Face"));
  EXPECT_TRUE(
      contains(lines.report.notes, "meshes.0.primitives.0 is made of points or lines and was left out."));
}

TEST(VrmContent, TexturesWithoutAPictureAreWhite) {
  BoxAvatar avatar = textured_avatar(json::object());
  avatar.file.content["textures"][0].erase("source");
  const VrmImport import = import_vrm(avatar.write("no_picture.vrm"));
  EXPECT_EQ(import.rig.materials.at(0).texture, -1);
  EXPECT_TRUE(contains(import.report.notes, "textures.0 has no picture and is drawn white."));
  avatar.file.content["textures"][0]["extensions"]["KHR_texture_basisu"] = {{"source", 0}};
  const std::string message = input_error_message([&] { read_vrm(avatar.write("basis.vrm")); });
  EXPECT_NE(message.find("textures.0 has its picture only by KHR_texture_basisu"), std::string::npos)
      << message;
}

TEST(VrmContent, NamesOfTheUsersTableThatStandForNothingAreTold) {
  const auto table = std::filesystem::path(testing::TempDir()) / "tha4_vrm" / "absent.json";
  write_text_file(
      table,
      R"({"parameters": {"mouth_smirk": [{"Fcl_MTH_X": 1}, {"Fcl_MTH_A": 1}], "mouth_aaa": [{"a": 1}]}})");
  const VrmImport import = import_vrm(BoxAvatar().write("absent.vrm"), table);
  EXPECT_TRUE(
      contains(import.report.notes,
               "absent.json: 'Fcl_MTH_X' of mouth_smirk is no morph or expression of this avatar that "
               "moves anything; correct the name."));
  EXPECT_EQ(std::count_if(import.report.notes.begin(), import.report.notes.end(),
                          [](const std::string& note) { return note.starts_with("absent.json"); }),
            2);
}

}  // namespace
}  // namespace tha4::test
