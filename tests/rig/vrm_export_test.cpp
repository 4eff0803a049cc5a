#include <algorithm>
#include <cmath>

#include "hand_made_rig.h"
#include "input_error_message.h"
#include "vrm_fixture.h"

#include "tha4/render/rig_renderer.h"
#include "tha4/rig/vrm.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using test::GltfFile;
using test::json;

/// The sheets of hand_made_rig() with everything that a rig may have besides, at places that metres round.
Rig rich_rig() {
  Rig rig = test::hand_made_rig();
  rig.bones.push_back({"leftEye", test::kHeadBone, {270.1F, 140.3F, 3.7F}});
  rig.bones.push_back({"ribbon", 0, {100.7F, 300.9F, -8.1F}});
  Material glass;
  glass.name = "glass";
  glass.color = {0.2F, 0.4F, 0.6F, 0.5F};
  glass.is_lit = true;
  glass.shade_color = {0.3F, 0.2F, 0.7F};
  glass.shade_threshold = 0.1F;
  glass.shade_softness = 0.3F;
  glass.outline_width = 1.3F;
  glass.outline_color = {0.1F, 0, 0.2F};
  glass.is_two_sided = false;
  glass.alpha_cutoff = 0.05F;
  glass.writes_depth = false;
  rig.materials.push_back(glass);
  Mesh& solid = test::add_sheet(rig, "solid", {300.3F, 333.3F, 7.77F}, 61.7F, 2, 5, 0);
  solid.uses_depth = true;
  solid.bones[1] = {0, 3, 0, 0};
  solid.bone_weights[1] = {0.3F, 0.7F, 0, 0};
  solid.normals.assign(4, glm::normalize(glm::vec3(0.1F, 0.7F, 0.6F)));
  solid.morphs.push_back({"open", {3, 1}, {{0.1F, -0.7F, 0.3F}, {1.1F, 0, 0}}});
  solid.morphs.push_back({"nothing", {}, {}});
  Mesh& plain = test::add_sheet(rig, "no bones", {200.1F, 111.1F, 1.23F}, 33.3F, 1, -3, 0);
  plain.bones.clear();
  plain.bone_weights.clear();
  plain.texture_coordinates.clear();
  auto& angry = rig.controls[static_cast<std::size_t>(pose_parameter_index("eyebrow_angry_left"))];
  angry.morphs = {{"open", 0.3F, false}, {"nothing", -1, false}};
  auto& iris = rig.controls[static_cast<std::size_t>(pose_parameter_index("iris_rotation_x"))];
  iris.morphs = {{"open", 0.2F, true}};
  rig.limits.push_back({{"open", "nothing"}, {0.7F, 1.3F}});
  return rig;
}

fs::path written(const Rig& rig, const std::string& name) {
  const fs::path file = fs::path(testing::TempDir()) / "tha4_vrm" / name;
  write_vrm(rig, file);
  return file;
}

GltfFile content_of(const fs::path& file) {
  return GltfFile::of(read_text_file(file));
}

/// The file as another program would see it.
fs::path without_extras(const fs::path& file) {
  GltfFile content = content_of(file);
  content.content.erase("extras");
  const fs::path stripped = file.parent_path() / ("stripped_" + file.filename().string());
  write_text_file(stripped, content.bytes());
  return stripped;
}

void expect_equal(const Material& read, const Material& rig) {
  EXPECT_EQ(read.name, rig.name);
  EXPECT_EQ(read.texture, rig.texture);
  EXPECT_EQ(read.color, rig.color);
  EXPECT_EQ(read.is_lit, rig.is_lit);
  EXPECT_EQ(read.shade_color, rig.shade_color);
  EXPECT_EQ(read.shade_threshold, rig.shade_threshold);
  EXPECT_EQ(read.shade_softness, rig.shade_softness);
  EXPECT_EQ(read.outline_width, rig.outline_width);
  EXPECT_EQ(read.outline_color, rig.outline_color);
  EXPECT_EQ(read.is_two_sided, rig.is_two_sided);
  EXPECT_EQ(read.alpha_cutoff, rig.alpha_cutoff);
  EXPECT_EQ(read.writes_depth, rig.writes_depth);
}

void expect_equal(const RigControl& read, const RigControl& rig) {
  ASSERT_EQ(read.morphs.size(), rig.morphs.size());
  for (std::size_t i = 0; i < rig.morphs.size(); ++i) {
    EXPECT_EQ(read.morphs[i].morph, rig.morphs[i].morph);
    EXPECT_EQ(read.morphs[i].weight, rig.morphs[i].weight);
    EXPECT_EQ(read.morphs[i].for_negative, rig.morphs[i].for_negative);
  }
  ASSERT_EQ(read.turns.size(), rig.turns.size());
  for (std::size_t i = 0; i < rig.turns.size(); ++i) {
    EXPECT_EQ(read.turns[i].bone, rig.turns[i].bone);
    EXPECT_EQ(read.turns[i].degrees, rig.turns[i].degrees);
  }
  ASSERT_EQ(read.shifts.size(), rig.shifts.size());
  for (std::size_t i = 0; i < rig.shifts.size(); ++i) {
    EXPECT_EQ(read.shifts[i].bone, rig.shifts[i].bone);
    EXPECT_EQ(read.shifts[i].offset, rig.shifts[i].offset);
  }
}

TEST(VrmExport, ReadsBackTheSame) {
  const Rig rig = rich_rig();
  const Rig read = read_vrm(written(rig, "same.vrm"));
  EXPECT_EQ(read.name, rig.name);
  ASSERT_EQ(read.textures.size(), rig.textures.size());
  EXPECT_EQ(read.textures[0].pixels, rig.textures[0].pixels);
  ASSERT_EQ(read.bones.size(), rig.bones.size());
  for (std::size_t i = 0; i < rig.bones.size(); ++i) {
    EXPECT_EQ(read.bones[i].name, rig.bones[i].name);
    EXPECT_EQ(read.bones[i].parent, rig.bones[i].parent);
    EXPECT_EQ(read.bones[i].joint, rig.bones[i].joint);
  }
  ASSERT_EQ(read.materials.size(), rig.materials.size());
  for (std::size_t i = 0; i < rig.materials.size(); ++i) expect_equal(read.materials[i], rig.materials[i]);
  for (std::size_t i = 0; i < rig.controls.size(); ++i) expect_equal(read.controls[i], rig.controls[i]);
  ASSERT_EQ(read.limits.size(), 1U);
  EXPECT_EQ(read.limits[0].morphs, rig.limits[0].morphs);
  EXPECT_EQ(read.limits[0].amounts, rig.limits[0].amounts);
  ASSERT_EQ(read.meshes.size(), rig.meshes.size());
  for (std::size_t i = 0; i < rig.meshes.size(); ++i) {
    const Mesh& mesh = rig.meshes[i];
    EXPECT_EQ(read.meshes[i].name, mesh.name);
    EXPECT_EQ(read.meshes[i].material, mesh.material);
    EXPECT_EQ(read.meshes[i].layer, mesh.layer);
    EXPECT_EQ(read.meshes[i].uses_depth, mesh.uses_depth);
    EXPECT_EQ(read.meshes[i].positions, mesh.positions) << "bit for bit";
    EXPECT_EQ(read.meshes[i].normals, mesh.normals);
    EXPECT_EQ(read.meshes[i].texture_coordinates, mesh.texture_coordinates);
    EXPECT_EQ(read.meshes[i].bones, mesh.bones);
    EXPECT_EQ(read.meshes[i].bone_weights, mesh.bone_weights);
    EXPECT_EQ(read.meshes[i].triangles, mesh.triangles);
    ASSERT_EQ(read.meshes[i].morphs.size(), mesh.morphs.size());
    for (std::size_t m = 0; m < mesh.morphs.size(); ++m) {
      EXPECT_EQ(read.meshes[i].morphs[m].name, mesh.morphs[m].name);
    }
  }
}

TEST(VrmExport, GivesTheSameVerticesAndFramesInEveryPose) {
  const Rig rig = rich_rig();
  const Rig read = read_vrm(written(rig, "frames.vrm"));
  std::vector<Pose> poses(3, Pose{});
  for (const char* name : {"head_y", "neck_z", "mouth_aaa", "eyebrow_angry_left"}) {
    poses[1][static_cast<std::size_t>(pose_parameter_index(name))] = 0.8F;
  }
  poses[2][static_cast<std::size_t>(pose_parameter_index("iris_rotation_x"))] = -1;
  for (const Pose& pose : poses) {
    const auto expected = pose_rig(rig, pose);
    const auto meshes = pose_rig(read, pose);
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(meshes[i].positions, expected[i].positions);
  }
  RigRenderer of_rig(rig);
  RigRenderer of_read(read);
  for (const Pose& pose : poses) {
    EXPECT_EQ(draw_rig(of_read, pose).pixels, draw_rig(of_rig, pose).pixels);
  }
}

TEST(VrmExport, VerticesThatWereMovedSinceCount) {
  GltfFile file = content_of(written(rich_rig(), "moved.vrm"));
  // The first vertex of the mesh "solid", found by its rounded position.
  const auto& primitive = file.content["meshes"][2]["primitives"][0];
  const auto& accessor = file.content["accessors"][primitive["attributes"]["POSITION"].get<std::size_t>()];
  const auto offset =
      file.content["bufferViews"][accessor["bufferView"].get<std::size_t>()]["byteOffset"].get<std::size_t>();
  float x;
  std::memcpy(&x, file.binary.data() + offset, 4);
  x += 10.0F / 512;
  std::memcpy(file.binary.data() + offset, &x, 4);
  const fs::path changed = fs::path(testing::TempDir()) / "tha4_vrm" / "moved.vrm";
  write_text_file(changed, file.bytes());
  EXPECT_NEAR(read_vrm(changed).meshes[2].positions[0].x, rich_rig().meshes[2].positions[0].x + 10, 1e-3);
}

TEST(VrmExport, IsVrm1WithAllThatItRequires) {
  const GltfFile file = content_of(written(rich_rig(), "required.vrm"));
  const json& vrm = file.content["extensions"]["VRMC_vrm"];
  EXPECT_EQ(vrm["specVersion"], "1.0");
  EXPECT_EQ(vrm["meta"]["name"], "two sheets");
  ASSERT_EQ(vrm["meta"]["authors"].size(), 1U);
  EXPECT_TRUE(vrm["meta"]["authors"][0].is_string());
  EXPECT_EQ(vrm["meta"]["licenseUrl"], "https://vrm.dev/licenses/1.0/");
  EXPECT_FALSE(vrm["meta"].contains("allowRedistribution")) << "free only where it is said to be";

  const json& nodes = file.content["nodes"];
  std::vector<int> parents(nodes.size(), -1);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].contains("children")) continue;
    for (const int child : nodes[i]["children"])
      parents[static_cast<std::size_t>(child)] = static_cast<int>(i);
  }
  const auto is_above = [&](const std::string& upper, const std::string& lower) {
    const int ancestor = vrm["humanoid"]["humanBones"][upper]["node"];
    int node = vrm["humanoid"]["humanBones"][lower]["node"];
    while (node >= 0 && node != ancestor) node = parents[static_cast<std::size_t>(node)];
    return node == ancestor;
  };
  for (const auto& [upper, lower] : {std::pair{"hips", "spine"},
                                     {"spine", "head"},
                                     {"head", "leftEye"},
                                     {"spine", "leftUpperArm"},
                                     {"leftUpperArm", "leftLowerArm"},
                                     {"leftLowerArm", "leftHand"},
                                     {"spine", "rightUpperArm"},
                                     {"rightUpperArm", "rightLowerArm"},
                                     {"rightLowerArm", "rightHand"},
                                     {"hips", "leftUpperLeg"},
                                     {"leftUpperLeg", "leftLowerLeg"},
                                     {"leftLowerLeg", "leftFoot"},
                                     {"hips", "rightUpperLeg"},
                                     {"rightUpperLeg", "rightLowerLeg"},
                                     {"rightLowerLeg", "rightFoot"}}) {
    EXPECT_TRUE(is_above(upper, lower)) << upper << " and " << lower;
  }
}

TEST(VrmExport, ExpressionsAndMaterialsSuitOtherViewers) {
  const GltfFile file = content_of(written(rich_rig(), "viewers.vrm"));
  const json& expressions = file.content["extensions"]["VRMC_vrm"]["expressions"];
  const json& aa = expressions["preset"]["aa"]["morphTargetBinds"];
  ASSERT_EQ(aa.size(), 2U) << "in both meshes that have the morph";
  EXPECT_EQ(aa[0]["weight"], 1);
  EXPECT_TRUE(expressions["custom"].contains("mouth_aaa"));
  EXPECT_TRUE(expressions["custom"].contains("iris_rotation_x_negative"));
  EXPECT_FALSE(expressions["custom"].contains("mouth_delta")) << "nothing moves it";

  std::vector<int> offsets;
  for (const json& material : file.content["materials"]) {
    EXPECT_TRUE(material["extensions"].contains("KHR_materials_unlit"));
    if (material["name"] == "glass") {
      EXPECT_EQ(material["alphaMode"], "MASK");
      continue;
    }
    EXPECT_EQ(material["alphaMode"], "BLEND");
    offsets.push_back(material["extensions"]["VRMC_materials_mtoon"]["renderQueueOffsetNumber"]);
  }
  std::sort(offsets.begin(), offsets.end());
  EXPECT_EQ(offsets, (std::vector<int>{-2, -1, 0})) << "layers -3, 0 and 1";
}

TEST(VrmExport, OtherProgramsSeeTheSameCharacter) {
  const Rig rig = rich_rig();
  const fs::path file = without_extras(written(rig, "stripped.vrm"));
  const VrmImport import = import_vrm(file);
  EXPECT_EQ(import.rig.meshes.size(), rig.meshes.size());
  EXPECT_EQ(import.report.sources.at("mouth_aaa"), "expression:mouth_aaa");
  EXPECT_EQ(import.report.sources.at("iris_rotation_x"), "expression:iris_rotation_x_negative");
  for (const Mesh& mesh : import.rig.meshes) {
    if (mesh.name != "back") continue;
    const glm::vec3 width = mesh.positions[1] - mesh.positions[0];
    EXPECT_GT(width.x, 0) << "not mirrored";
    EXPECT_NEAR(width.y, 0, 1e-3);
    EXPECT_LT(mesh.positions[0].y, mesh.positions[3].y) << "not upside down";
  }
}

TEST(VrmExport, ManyLayersKeepTheirOrderInTenSteps) {
  Rig rig = test::hand_made_rig();
  rig.meshes.clear();
  for (int layer = 0; layer < 30; ++layer)
    test::add_sheet(rig, std::to_string(layer), {256, 128, 0}, 10, 1, layer, 0);
  const GltfFile file = content_of(written(rig, "layers.vrm"));
  int last = -9;
  ASSERT_EQ(file.content["materials"].size(), 30U);
  for (const json& material : file.content["materials"]) {
    const int offset = material["extensions"]["VRMC_materials_mtoon"]["renderQueueOffsetNumber"];
    EXPECT_GE(offset, last);
    last = offset;
  }
  EXPECT_EQ(last, 0);
}

TEST(VrmExport, RigsWithoutBonesAndFacesOnlyAreWritten) {
  Rig rig = test::hand_made_rig();
  rig.bones.clear();
  for (Mesh& mesh : rig.meshes) {
    mesh.bones.clear();
    mesh.bone_weights.clear();
  }
  for (RigControl& control : rig.controls) {
    control.turns.clear();
    control.shifts.clear();
  }
  const Rig read = read_vrm(written(rig, "boneless.vrm"));
  EXPECT_TRUE(read.bones.empty());
  EXPECT_EQ(read.meshes[0].positions, rig.meshes[0].positions);
  EXPECT_NO_THROW(read_vrm(without_extras(fs::path(testing::TempDir()) / "tha4_vrm" / "boneless.vrm")));
}

TEST(VrmExport, UnsoundRigsAreRefusedAndNothingIsWritten) {
  Rig rig = test::hand_made_rig();
  rig.meshes[0].triangles[0] = 99;
  const fs::path file = fs::path(testing::TempDir()) / "tha4_vrm" / "unsound.vrm";
  fs::remove(file);
  const std::string message = input_error_message([&] { write_vrm(rig, file); });
  EXPECT_NE(message.find("unsound.vrm"), std::string::npos) << message;
  EXPECT_FALSE(fs::exists(file));
}

json meta_of_copy(const test::BoxAvatar& avatar) {
  const fs::path folder = fs::path(testing::TempDir()) / "tha4_vrm";
  const fs::path original = avatar.write("original.vrm");
  write_vrm(read_vrm(original), folder / "copy.vrm", read_vrm_meta(original));
  return test::GltfFile::of(read_text_file(folder / "copy.vrm")).content["extensions"]["VRMC_vrm"]["meta"];
}

TEST(VrmExport, CopiesKeepTheirAuthorAndTerms) {
  test::BoxAvatar old(true);
  json& meta = old.vrm()["meta"];
  meta = {{"title", "Boxes"},
          {"version", "3"},
          {"author", "A test"},
          {"contactInformation", "a@b"},
          {"reference", "a book"},
          {"allowedUserName", "ExplicitlyLicensedPerson"},
          {"violentUssageName", "Disallow"},
          {"sexualUssageName", "Allow"},
          {"commercialUssageName", "Disallow"},
          {"otherPermissionUrl", ""},
          {"licenseName", "CC_BY_NC_SA"},
          {"otherLicenseUrl", ""}};
  json copy = meta_of_copy(old);
  EXPECT_EQ(copy["name"], "Boxes");
  EXPECT_EQ(copy["version"], "3");
  EXPECT_EQ(copy["authors"], json::array({"A test"}));
  EXPECT_EQ(copy["contactInformation"], "a@b");
  EXPECT_EQ(copy["references"], json::array({"a book"}));
  EXPECT_EQ(copy["avatarPermission"], "onlySeparatelyLicensedPerson");
  EXPECT_EQ(copy["allowExcessivelyViolentUsage"], false);
  EXPECT_EQ(copy["allowExcessivelySexualUsage"], true);
  EXPECT_EQ(copy["commercialUsage"], "personalNonProfit");
  EXPECT_EQ(copy["licenseUrl"], "https://creativecommons.org/licenses/by-nc-sa/4.0/");
  EXPECT_EQ(copy["creditNotation"], "required");
  EXPECT_EQ(copy["modification"], "allowModificationRedistribution");
  meta["licenseName"] = "Redistribution_Prohibited";
  copy = meta_of_copy(old);
  EXPECT_EQ(copy["allowRedistribution"], false);
  EXPECT_EQ(copy["modification"], "prohibited");
  meta["licenseName"] = "Other";
  meta["otherLicenseUrl"] = "https://example.com/terms";
  EXPECT_EQ(meta_of_copy(old)["otherLicenseUrl"], "https://example.com/terms");

  test::BoxAvatar recent;
  recent.vrm()["meta"] = {
      {"name", "Boxes"},     {"authors", {"A", "B"}},        {"licenseUrl", "https://example.com/"},
      {"thumbnailImage", 0}, {"creditNotation", "required"}, {"avatarPermission", "everyone"}};
  copy = meta_of_copy(recent);
  EXPECT_EQ(copy, (json{{"name", "Boxes"},
                        {"authors", {"A", "B"}},
                        {"licenseUrl", "https://example.com/"},
                        {"creditNotation", "required"},
                        {"avatarPermission", "everyone"}}));
}

TEST(VrmExport, FreeCharactersSaySo) {
  const fs::path file = fs::path(testing::TempDir()) / "tha4_vrm" / "free.vrm";
  write_vrm(test::hand_made_rig(), file, {"A generator", true});
  const json meta = content_of(file).content["extensions"]["VRMC_vrm"]["meta"];
  EXPECT_EQ(meta["authors"][0], "A generator");
  EXPECT_EQ(meta["avatarPermission"], "everyone");
  EXPECT_EQ(meta["modification"], "allowModificationRedistribution");
}

}  // namespace
}  // namespace tha4
