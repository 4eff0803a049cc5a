#include <algorithm>

#include "input_error_message.h"
#include "vrm_fixture.h"
#include "vrm_import_parts.h"

#include "tha4/rig/vrm.h"

// How far the eyes of avatars go: as far as those of every character, whatever their authors' angles are.

namespace tha4::test {
namespace {

constexpr float kSideways = 0.116F;  // of the distance of the eyes, as of generated characters
constexpr float kVertical = 0.098F;

/// Both eyes turn by \p degrees at most, as the author says.
void set_author_angle(BoxAvatar& avatar, double degrees) {
  if (avatar.is_version_0) {
    for (const char* range :
         {"lookAtHorizontalInner", "lookAtHorizontalOuter", "lookAtVerticalUp", "lookAtVerticalDown"}) {
      avatar.vrm()["firstPerson"][range] = {{"xRange", 90}, {"yRange", degrees}};
    }
    return;
  }
  avatar.vrm()["lookAt"]["type"] = "bone";
  for (const char* range :
       {"rangeMapHorizontalInner", "rangeMapHorizontalOuter", "rangeMapVerticalUp", "rangeMapVerticalDown"}) {
    avatar.vrm()["lookAt"][range] = {{"inputMaxValue", 90}, {"outputScale", degrees}};
  }
}

void remove_mesh(BoxAvatar& avatar, const std::string& name) {
  json& shown = avatar.file.content["scenes"][0]["nodes"];
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (avatar.file.content["nodes"][shown[i].get<std::size_t>()]["name"] == name) shown.erase(i--);
  }
}

/// Puts irises of one centimetre's depth there instead, \p front metres before the joints of the eyes.
void move_irises(BoxAvatar& avatar, float front, float half_size = 0.01F) {
  for (const float side : {1.0F, -1.0F}) {
    const std::string name = side > 0 ? "LeftIris" : "RightIris";
    remove_mesh(avatar, name);
    const glm::vec3 middle(side * 0.04F, 1.51F, front - 0.005F);
    const glm::vec3 half(half_size, half_size, 0.005F);
    avatar.add_mesh(name, BoxAvatar::box(middle - half, middle + half), side > 0 ? "leftEye" : "rightEye");
  }
}

/// Where the middle of what is in front of an iris goes, in distances of the eyes.
glm::vec3 travel(const Rig& rig, const std::string& iris, const char* parameter, float value) {
  const auto front = [&](const std::string& mesh, float at) {
    const auto corners = posed(rig, mesh, parameter, at);
    return (corners[4] + corners[5] + corners[6] + corners[7]) / 4.0F;
  };
  const float distance = front("LeftIris", 0).x - front("RightIris", 0).x;
  return (front(iris, value) - front(iris, 0)) / distance;
}

void expect_travel(const Rig& rig, float sideways, float vertical) {
  for (const char* iris : {"LeftIris", "RightIris"}) {
    EXPECT_NEAR(travel(rig, iris, "iris_rotation_x", 1).y, -vertical, 1e-3) << "up";
    EXPECT_NEAR(travel(rig, iris, "iris_rotation_x", -1).y, vertical, 1e-3) << "down";
    EXPECT_NEAR(travel(rig, iris, "iris_rotation_y", 1).x, -sideways, 1e-3) << "to the left edge";
    EXPECT_NEAR(travel(rig, iris, "iris_rotation_y", -1).x, sideways, 1e-3);
    EXPECT_NEAR(travel(rig, iris, "iris_rotation_x", 1).x, 0, 1e-3);
  }
}

const std::vector<RigControl::BoneTurn>& turns_of(const Rig& rig, const char* parameter) {
  return rig.controls[static_cast<std::size_t>(pose_parameter_index(parameter))].turns;
}

bool is_missing(const VrmImport& import, const std::string& parameter) {
  return contains(import.report.missing_parameters, parameter);
}

TEST(VrmGaze, GoesAsFarWhateverTheAuthorsAngleAndTheDepthOfTheEyesAre) {
  for (const bool is_version_0 : {false, true}) {
    for (const double degrees : {0.0, 2.0, 8.0, 90.0}) {
      for (const float front : {0.03F, 0.11F, 0.2F}) {
        BoxAvatar avatar(is_version_0);
        set_author_angle(avatar, degrees);
        move_irises(avatar, front);
        expect_travel(read_vrm(avatar.write("gaze.vrm")), kSideways, kVertical);
      }
    }
  }
}

TEST(VrmGaze, TurnsBothEyesByOneAngleAndNotTooFar) {
  BoxAvatar avatar;
  move_irises(avatar, 0.012F);  // no angle would take them there
  const Rig rig = read_vrm(avatar.write("near.vrm"));
  ASSERT_EQ(turns_of(rig, "iris_rotation_y").size(), 2U);
  ASSERT_EQ(turns_of(rig, "iris_rotation_x").size(), 2U);
  for (const auto& turn : turns_of(rig, "iris_rotation_y")) EXPECT_NEAR(turn.degrees.y, -35, 1e-3);
  for (const auto& turn : turns_of(rig, "iris_rotation_x")) EXPECT_NEAR(turn.degrees.x, 35, 1e-3);
}

TEST(VrmGaze, IsTheAuthorsWhereItCannotBeMeasured) {
  for (const auto& [degrees, wanted] : {std::pair{8.0, 8.0}, {90.0, 35.0}}) {
    BoxAvatar one_eye;
    set_author_angle(one_eye, degrees);
    remove_mesh(one_eye, "RightIris");
    const Rig rig = read_vrm(one_eye.write("one_eye.vrm"));
    ASSERT_EQ(turns_of(rig, "iris_rotation_y").size(), 2U);
    EXPECT_NEAR(turns_of(rig, "iris_rotation_y")[0].degrees.y, -wanted, 1e-4);
    EXPECT_NEAR(turns_of(rig, "iris_rotation_x")[0].degrees.x, wanted, 1e-4);
    BoxAvatar behind;
    set_author_angle(behind, degrees);
    move_irises(behind, -0.02F);
    EXPECT_NEAR(turns_of(read_vrm(behind.write("behind.vrm")), "iris_rotation_y")[0].degrees.y, -wanted,
                1e-4);
  }
}

/// Some avatars have both eyes on one bone.
TEST(VrmGaze, BothEyesMayHangOnOneBone) {
  BoxAvatar avatar;
  move_irises(avatar, 0.11F);
  json& meshes = avatar.file.content["meshes"];
  json& nodes = avatar.file.content["nodes"];
  json joints;
  for (const json& node : nodes) {
    if (!node.contains("mesh")) continue;
    json& attributes = meshes[node["mesh"].get<std::size_t>()]["primitives"][0]["attributes"];
    if (node["name"] == "LeftIris") joints = attributes["JOINTS_0"];
    if (node["name"] == "RightIris") attributes["JOINTS_0"] = joints;
  }
  const Rig rig = read_vrm(avatar.write("one_bone.vrm"));
  EXPECT_NEAR(travel(rig, "LeftIris", "iris_rotation_x", 1).y, -kVertical, 1e-3);
  EXPECT_NEAR(travel(rig, "RightIris", "iris_rotation_x", 1).y, -kVertical, 1e-3);
}

TEST(VrmGaze, BonesThatMoveNothingOrTheWholeFaceAreNotUsed) {
  constexpr const char* kNote = "The bones of the eyes move more of the face than the eyes and are not used.";
  BoxAvatar none;
  remove_mesh(none, "LeftIris");
  remove_mesh(none, "RightIris");
  const VrmImport empty = import_vrm(none.write("no_irises.vrm"));
  EXPECT_TRUE(is_missing(empty, "iris_rotation_x"));
  EXPECT_TRUE(is_missing(empty, "iris_rotation_y"));
  EXPECT_FALSE(empty.report.sources.contains("iris_rotation_x"));
  EXPECT_FALSE(contains(empty.report.notes, kNote));

  BoxAvatar large;
  move_irises(large, 0.11F, 0.035F);
  const VrmImport face = import_vrm(large.write("face_on_eyes.vrm"));
  EXPECT_TRUE(contains(face.report.notes, kNote));
  EXPECT_TRUE(is_missing(face, "iris_rotation_x"));
  EXPECT_TRUE(turns_of(face.rig, "iris_rotation_x").empty());

  BoxAvatar eyeballs;
  move_irises(eyeballs, 0.11F, 0.025F);
  EXPECT_FALSE(is_missing(import_vrm(eyeballs.write("eyeballs.vrm")), "iris_rotation_x"));

  // Morphs step in.
  const std::size_t face_node = large.bone_names.size();
  large.vrm()["expressions"]["preset"]["lookUp"]["morphTargetBinds"] =
      json::array({{{"node", face_node}, {"index", 0}, {"weight", 1}}});
  const VrmImport looking = import_vrm(large.write("face_on_eyes_looks.vrm"));
  EXPECT_EQ(looking.report.sources.at("iris_rotation_x"), "expression:lookUp");
  EXPECT_TRUE(is_missing(looking, "iris_rotation_y"));
}

/// An avatar that looks up by \p up metres and to its left by \p aside, by expressions.
BoxAvatar looking_by_morphs(float up, float aside) {
  BoxAvatar avatar;
  avatar.vrm()["lookAt"]["type"] = "expression";
  for (const int mesh : {1, 2}) {
    std::vector<std::pair<int, glm::vec3>> rising, passing;
    for (int corner = 0; corner < 8; ++corner) {
      rising.push_back({corner, {0, up, 0}});
      passing.push_back({corner, {aside, 0, 0}});
    }
    avatar.add_morph(mesh, "rise", rising);
    avatar.add_morph(mesh, "pass", passing);
    const auto bind = [&](int target) {
      return json{{"node", avatar.bone_names.size() + static_cast<std::size_t>(mesh)},
                  {"index", target},
                  {"weight", 1}};
    };
    json& preset = avatar.vrm()["expressions"]["preset"];
    preset["lookUp"]["morphTargetBinds"].push_back(bind(0));
    preset["lookLeft"]["morphTargetBinds"].push_back(bind(1));
  }
  return avatar;
}

TEST(VrmGaze, MorphsGoNoFartherAndAreNotStretched) {
  constexpr float kDistance = 0.08F;  // of the eyes
  const Rig far = read_vrm(looking_by_morphs(0.02F, 0.03F).write("far.vrm"));
  const Rig near = read_vrm(looking_by_morphs(0.004F, 0.005F).write("not_far.vrm"));
  for (const char* iris : {"LeftIris", "RightIris"}) {
    EXPECT_NEAR(travel(far, iris, "iris_rotation_x", 1).y, -kVertical, 1e-4);
    EXPECT_NEAR(travel(far, iris, "iris_rotation_y", -1).x, kSideways, 1e-4);
    EXPECT_NEAR(travel(near, iris, "iris_rotation_x", 1).y, -0.004F / kDistance, 1e-4);
    EXPECT_NEAR(travel(near, iris, "iris_rotation_y", -1).x, 0.005F / kDistance, 1e-4);
  }
}

TEST(VrmGaze, TheUsersTableHasTheLastWord) {
  const auto table = [](const std::string& text) {
    const auto file = std::filesystem::path(testing::TempDir()) / "tha4_vrm" / "gaze.json";
    write_text_file(file, text);
    return file;
  };
  const auto wide = table(R"({"gaze": {"sideways": 0.2, "vertical": 0.05}})");
  expect_travel(import_vrm(BoxAvatar().write("wide.vrm"), wide).rig, 0.2F, 0.05F);

  BoxAvatar avatar = looking_by_morphs(0.02F, 0.03F);
  const auto weights = table(R"({"parameters": {"iris_rotation_x": {"positive": [{"rise": 1}]}}})");
  const Rig rig = import_vrm(avatar.write("weights.vrm"), weights).rig;
  EXPECT_NEAR(travel(rig, "LeftIris", "iris_rotation_x", 1).y, -0.25, 1e-4) << "the weight that is there";
  EXPECT_NEAR(travel(rig, "LeftIris", "iris_rotation_y", -1).x, kSideways, 1e-4);

  for (const char* text :
       {R"({"gaze": {"sideways": 2, "vertical": 0.05}})", R"({"gaze": {"sideways": 0.1}})",
        R"({"gaze": {"sideways": 0.1, "vertical": 0.1, "depth": 1}})", R"({"gaze": 0.1})"}) {
    const auto wrong = table(text);
    const std::string message =
        input_error_message([&] { import_vrm(BoxAvatar().write("wrong_gaze.vrm"), wrong); });
    EXPECT_NE(message.find("gaze.json"), std::string::npos) << message;
    EXPECT_NE(message.find("gaze"), message.rfind("gaze")) << "and the key: " << message;
  }
}

}  // namespace
}  // namespace tha4::test
