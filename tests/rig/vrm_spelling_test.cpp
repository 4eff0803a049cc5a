#include "input_error_message.h"
#include "vrm_fixture.h"
#include "vrm_import_parts.h"

#include "tha4/rig/vrm.h"

// Avatars of other programs: the same said in other words.

namespace tha4::test {
namespace {

Rig read(const BoxAvatar& avatar) {
  return read_vrm(avatar.write("spelling.vrm"));
}

void expect_same_corners(const Rig& rig, const Rig& wanted, const std::string& mesh) {
  const auto found = posed(rig, mesh, nullptr, 0), expected = posed(wanted, mesh, nullptr, 0);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_LT(glm::distance(found[i], expected[i]), 1e-3F) << i;
}

TEST(VrmSpelling, ArkitNamesAreFoundInAllTheirSpellings) {
  for (const char* name : {"eyeBlinkLeft", "EYEBLINKLEFT", "eye_blink_left", "Eye Blink Left", "eye-blink-l",
                           "eyeBlink.L", "eyeBlinkL", "eyeBlink_L", "EyeBlink_Left", "head_BS.eyeBlink_L",
                           "ARKit eyeBlinkL", "[AR]eyeBlinkLeft", "EyeClosedLeft", "Eye_Left_Blink"}) {
    BoxAvatar avatar;
    avatar.file.content["meshes"][0].erase("extras");
    avatar.primitive(0).erase("targets");
    avatar.add_morph(avatar.head_mesh, name, {{7, {0, -0.02F, 0}}});
    EXPECT_EQ(moved(read(avatar), "Face", "eye_wink_left").size(), 1U) << name;
    EXPECT_EQ(moved(read(avatar), "Face", "eye_wink_right").size(), 0U) << name;
  }
  // No ends of longer words, and no letters that belong to one.
  for (const char* name : {"uppereyeBlinkLeft", "eyeBlinkal", "eyeBlinkLeftover"}) {
    BoxAvatar avatar;
    avatar.file.content["meshes"][0].erase("extras");
    avatar.primitive(0).erase("targets");
    avatar.add_morph(avatar.head_mesh, name, {{7, {0, -0.02F, 0}}});
    EXPECT_EQ(moved(read(avatar), "Face", "eye_wink_left").size(), 0U) << name;
  }
}

/// Avatars without expressions, and their morphs by the names of those.
TEST(VrmSpelling, BlinksAndLooksAreFoundByTheirOwnNames) {
  const auto with = [](const std::vector<std::string>& names) {
    BoxAvatar avatar;
    avatar.file.content["meshes"][0].erase("extras");
    avatar.primitive(0).erase("targets");
    avatar.vrm()["lookAt"]["type"] = "expression";
    int corner = 7;
    for (const std::string& name : names) {
      avatar.add_morph(avatar.head_mesh, name, {{corner--, {0, -0.02F, 0}}});
    }
    return read(avatar);
  };
  using Vertices = std::vector<std::size_t>;
  for (const char* name :
       {"blink_L", "Blink_L", "blink_left", "BlinkLeft", "Blink.L", "Head_BlinkL", "blink left"}) {
    const Rig rig = with({name});
    EXPECT_EQ(moved(rig, "Face", "eye_wink_left"), Vertices{7}) << name;
    EXPECT_EQ(moved(rig, "Face", "eye_wink_right"), Vertices{}) << name;
  }
  EXPECT_EQ(moved(with({"other", "blink_R"}), "Face", "eye_wink_right"), Vertices{6});
  for (const char* name : {"blink", "Blink", "Face.Blink"}) {
    EXPECT_EQ(moved(with({name}), "Face", "eye_wink_left"), Vertices{7}) << name;
    EXPECT_EQ(moved(with({name}), "Face", "eye_wink_right"), Vertices{}) << name << " of the other eye";
  }
  for (const char* name : {"blinker", "unblink", "blink_lower"}) {
    EXPECT_EQ(moved(with({name}), "Face", "eye_wink_left"), Vertices{}) << name;
  }
  // A blink of one eye before one of both, and what programs agree upon before either.
  EXPECT_EQ(moved(with({"Blink_L", "Blink"}), "Face", "eye_wink_left"), Vertices{7});
  EXPECT_EQ(moved(with({"Blink_L", "eyeBlinkLeft"}), "Face", "eye_wink_left"), Vertices{6});
  for (const char* name : {"look up", "LookUp", "Look_Up", "Eyes.look up"}) {
    EXPECT_EQ(moved(with({name}), "Face", "iris_rotation_x"), Vertices{7}) << name;
  }
  EXPECT_EQ(moved(with({"Look Right"}), "Face", "iris_rotation_y"), Vertices{7});
  EXPECT_EQ(moved(with({"Look Left"}), "Face", "iris_rotation_y"), Vertices{}) << "below 0";
}

TEST(VrmSpelling, PerfectSyncMayBeExpressionsAlone) {
  for (const char* name : {"EyeBlinkLeft", "eyeBlinkLeft", "Eye_Blink_L"}) {
    BoxAvatar avatar;
    avatar.file.content["meshes"][0]["extras"]["targetNames"] = {"a1", "a2", "a3"};
    avatar.vrm()["expressions"]["custom"][name]["morphTargetBinds"] =
        json::array({{{"node", avatar.bone_names.size()}, {"index", 0}, {"weight", 1}}});
    EXPECT_EQ(moved(read(avatar), "Face", "eye_wink_left").size(), 1U) << name;
  }
}

TEST(VrmSpelling, PresetsOfVrm0WithCapitalsOrByTheirNamesAlone) {
  const auto winks = [](const json& group) {
    BoxAvatar avatar(true);
    json& morphs = avatar.primitive(0)["extras"]["targetNames"];
    morphs = {"a1", "a2", "a3"};
    json whole = group;
    whole["binds"] = json::array({{{"mesh", 0}, {"index", 0}, {"weight", 100}}});
    avatar.vrm()["blendShapeMaster"]["blendShapeGroups"] = json::array({whole});
    return moved(read(avatar), "Face", "eye_wink_left").size();
  };
  EXPECT_EQ(winks({{"name", "x"}, {"presetName", "blink_l"}}), 1U);
  EXPECT_EQ(winks({{"name", "x"}, {"presetName", "Blink_L"}}), 1U);
  EXPECT_EQ(winks({{"name", "Blink_L"}, {"presetName", "unknown"}}), 1U);
  EXPECT_EQ(winks({{"name", "Blink_L"}, {"presetName", "Unknown"}}), 1U);
  EXPECT_EQ(winks({{"name", "BLINK_L"}}), 1U);
  EXPECT_EQ(winks({{"name", "Other"}}), 0U);
}

TEST(VrmSpelling, PartsOfTheWrongTypeArePassedOver) {
  const Rig plain = read(BoxAvatar());
  for (const char* key : {"expressions", "lookAt", "firstPerson", "meta"}) {
    for (const json& value : {json::array(), json(), json("none"), json(7)}) {
      BoxAvatar avatar;
      avatar.vrm()[key] = value;
      const VrmImport import = import_vrm(avatar.write("wrong_type.vrm"));
      expect_same_corners(import.rig, plain, "Face");
      const bool is_told = contains(import.report.notes, std::string("What VRM says as '") + key +
                                                             "' is no object and was passed over.");
      EXPECT_EQ(is_told, value.is_string() || value.is_number()) << key << value;
    }
  }
  for (const char* key : {"blendShapeMaster", "firstPerson", "secondaryAnimation", "meta"}) {
    BoxAvatar avatar(true);
    avatar.vrm()[key] = json::array();
    EXPECT_NO_THROW(read(avatar)) << key;
  }
  BoxAvatar lists;
  lists.vrm()["expressions"] = {{"preset", json::array()}, {"custom", {{"x", json::array()}}}};
  EXPECT_NO_THROW(read(lists));
  BoxAvatar range;
  range.vrm()["lookAt"] = {{"type", "bone"}, {"rangeMapVerticalUp", {{"outputScale", -3}}}};
  EXPECT_TRUE(contains(import_vrm(range.write("range.vrm")).report.notes,
                       "How far the eyes turn is said in a way that makes no sense; the usual was taken."));
  BoxAvatar title;
  title.vrm()["meta"] = {{"name", 7}, {"authors", "me"}};
  EXPECT_NO_THROW(read(title));
  BoxAvatar bare;
  bare.vrm()["humanoid"] = json::array();
  const std::string message = input_error_message([&] { read(bare); });
  EXPECT_NE(message.find("has no bone 'hips'"), std::string::npos) << message;
}

TEST(VrmSpelling, TermsOfVrm0KeepBothAddressesAndAnyCapitals) {
  const auto terms_of = [](const json& meta) {
    BoxAvatar avatar(true);
    avatar.vrm()["meta"] = meta;
    return json::parse(read_vrm_meta(avatar.write("terms.vrm")).terms);
  };
  const json both = terms_of({{"author", "A"},
                              {"licenseName", "Other"},
                              {"reference", "https://a/r"},
                              {"otherLicenseUrl", "https://a/l"},
                              {"otherPermissionUrl", "https://a/p"}});
  EXPECT_EQ(both["otherLicenseUrl"], "https://a/l");
  EXPECT_EQ(both["references"], json({"https://a/r", "https://a/p"}));
  EXPECT_EQ(terms_of({{"otherPermissionUrl", "https://a/p"}})["otherLicenseUrl"], "https://a/p");
  EXPECT_EQ(terms_of({{"licenseName", "cc_by_sa"}})["licenseUrl"],
            "https://creativecommons.org/licenses/by-sa/4.0/");
  BoxAvatar text;
  text.vrm()["meta"] = {{"name", "x"}, {"authors", "Alone"}};
  EXPECT_EQ(json::parse(read_vrm_meta(text.write("author.vrm")).terms)["authors"], json({"Alone"}));
  EXPECT_EQ(import_vrm(text.write("author.vrm")).report.authors, std::vector<std::string>{"Alone"});
}

/// Gives \p mesh's attribute the values of \p accessor, of which only those of \p corner are right in the
/// dense part, the others in the sparse one.
void make_sparse(BoxAvatar& avatar, int accessor, const std::vector<std::uint8_t>& values, std::size_t each) {
  const std::vector<std::uint8_t> zeros(values.size(), 0);
  std::vector<std::uint8_t> places;
  for (std::size_t i = 0; i < values.size() / each; ++i) places.push_back(static_cast<std::uint8_t>(i));
  json& target = avatar.file.content["accessors"][static_cast<std::size_t>(accessor)];
  const int dense = avatar.file.add_view(zeros.data(), zeros.size());
  const int indices = avatar.file.add_view(places.data(), places.size());
  const int content = avatar.file.add_view(values.data(), values.size());
  target["bufferView"] = dense;
  target["componentType"] = 5121;
  target["sparse"] = {{"count", places.size()},
                      {"indices", {{"bufferView", indices}, {"componentType", 5121}}},
                      {"values", {{"bufferView", content}}}};
}

TEST(VrmSpelling, WholeNumbersMayBeSparse) {
  const BoxAvatar plain;
  const Rig wanted = read(plain);
  BoxAvatar avatar;
  json& primitive = avatar.primitive(0);
  make_sparse(avatar, primitive["indices"], {4, 5, 7, 4, 7, 6, 1, 0, 2, 1, 2, 3}, 1);
  const auto head = static_cast<std::uint8_t>(avatar.bone("head"));
  std::vector<std::uint8_t> joints;
  for (int i = 0; i < 8; ++i) joints.insert(joints.end(), {head, 0, 0, 0});
  make_sparse(avatar, primitive["attributes"]["JOINTS_0"], joints, 4);
  const Rig rig = read(avatar);
  EXPECT_EQ(mesh_named(rig, "Face").triangles, mesh_named(wanted, "Face").triangles);
  expect_same_corners(rig, wanted, "Face");
  EXPECT_EQ(rig.bones.at(mesh_named(rig, "Face").bones.at(0).x).name, "head");
}

TEST(VrmSpelling, MoreThanFourJointsAVertexAllCount) {
  const Rig wanted = read(BoxAvatar());
  BoxAvatar second;  // everything in the second set
  json& attributes = second.primitive(0)["attributes"];
  attributes["JOINTS_1"] = attributes["JOINTS_0"];
  attributes["WEIGHTS_1"] = attributes["WEIGHTS_0"];
  attributes["WEIGHTS_0"] = second.file.add_vec4(std::vector<float>(32, 0));
  attributes["JOINTS_0"] = second.file.add_joints(std::vector<std::uint8_t>(32, 0));
  const Rig rig = read(second);
  expect_same_corners(rig, wanted, "Face");
  EXPECT_EQ(rig.bones.at(mesh_named(rig, "Face").bones.at(0).x).name, "head");

  // Six bones: the four of most weight stay, and what they weigh adds up to one.
  BoxAvatar crowded;
  json& many = crowded.primitive(0)["attributes"];
  std::vector<std::uint8_t> first, further;
  std::vector<float> light, heavy;
  const auto number = [&](const char* name) { return static_cast<std::uint8_t>(crowded.bone(name)); };
  for (int i = 0; i < 8; ++i) {
    first.insert(first.end(), {number("hips"), number("spine"), number("chest"), number("neck")});
    light.insert(light.end(), {0.05F, 0.05F, 0.1F, 0.1F});
    further.insert(further.end(), {number("head"), number("leftEye"), 0, 0});
    heavy.insert(heavy.end(), {0.5F, 0.2F, 0, 0});
  }
  many["JOINTS_0"] = crowded.file.add_joints(first);
  many["WEIGHTS_0"] = crowded.file.add_vec4(light);
  many["JOINTS_1"] = crowded.file.add_joints(further);
  many["WEIGHTS_1"] = crowded.file.add_vec4(heavy);
  const VrmImport import = import_vrm(crowded.write("crowded.vrm"));
  EXPECT_TRUE(contains(import.report.notes,
                       "8 vertices follow more than four bones; the four of most weight were taken."));
  const Mesh& face = mesh_named(import.rig, "Face");
  EXPECT_EQ(import.rig.bones.at(face.bones.at(0).x).name, "head");
  EXPECT_NEAR(face.bone_weights.at(0).x, 0.5F / 0.9F, 1e-6F);
  EXPECT_NEAR(face.bone_weights.at(0).x + face.bone_weights.at(0).y + face.bone_weights.at(0).z +
                  face.bone_weights.at(0).w,
              1, 1e-6F);
}

TEST(VrmSpelling, MorphsStandAtTheirWeightsWhereNothingSetsThem) {
  const auto side = [](const json& of_mesh, const json& of_node, bool is_bound) {
    BoxAvatar avatar;
    avatar.add_morph(avatar.head_mesh, "Hidden under clothes", {{4, {0.02F, 0, 0}}});
    if (!of_mesh.is_null()) avatar.file.content["meshes"][0]["weights"] = of_mesh;
    if (!of_node.is_null()) avatar.file.content["nodes"][avatar.bone_names.size()]["weights"] = of_node;
    if (is_bound) {
      avatar.vrm()["expressions"]["custom"]["x"]["morphTargetBinds"] =
          json::array({{{"node", avatar.bone_names.size()}, {"index", 3}, {"weight", 1}}});
    }
    return mesh_named(read(avatar), "Face").positions.at(4).x;
  };
  const float rest = side(nullptr, nullptr, false);
  const float whole = side({0, 0, 0, 1}, nullptr, false) - rest;
  EXPECT_GT(whole, 1);
  EXPECT_NEAR(side({0, 0, 0, 0.5}, nullptr, false) - rest, whole / 2, 1e-3F);
  EXPECT_NEAR(side({0, 0, 0, 1}, {0, 0, 0, 0.25}, false) - rest, whole / 4, 1e-3F) << "the node's count";
  EXPECT_NEAR(side({0, 0, 0, 1}, nullptr, true) - rest, 0, 1e-3F) << "an expression's own";
  EXPECT_NEAR(side({0, 0}, nullptr, false) - rest, 0, 1e-3F);
}

TEST(VrmSpelling, PrimitivesWithoutPositionsAreLeftOut) {
  BoxAvatar avatar;
  avatar.file.content["meshes"][0]["primitives"].push_back({{"attributes", json::object()}});
  const VrmImport import = import_vrm(avatar.write("no_positions.vrm"));
  EXPECT_TRUE(contains(import.report.notes, "meshes.0.primitives.1 has no positions and was left out."));
}

}  // namespace
}  // namespace tha4::test
