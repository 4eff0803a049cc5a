#include "captured_log.h"
#include "hand_made_rig.h"
#include "input_error_message.h"
#include "vrm_fixture.h"
#include "vrm_import_parts.h"

#include "tha4/rig/rig_source.h"
#include "tha4/rig/vrm.h"

// The table of what moves the pose parameters, as a user changes it for one avatar, and what the log says.

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using test::BoxAvatar;

fs::path table_of(const std::string& text) {
  const fs::path file = fs::path(testing::TempDir()) / "tha4_vrm" / "changes.json";
  write_text_file(file, text);
  return file;
}

/// The morphs that a parameter moves in an avatar of boxes, after the changes of a table.
std::vector<std::string> morphs_of(const char* parameter, const std::string& changes) {
  const Rig rig = import_vrm(BoxAvatar().write("changed.vrm"), table_of(changes)).rig;
  std::vector<std::string> names;
  for (const auto& entry : rig.controls[static_cast<std::size_t>(pose_parameter_index(parameter))].morphs)
    names.push_back(entry.morph);
  return names;
}

using Names = std::vector<std::string>;

TEST(VrmTable, ChangesWhatItNamesAndLeavesTheRest) {
  const std::string changes = R"({"parameters": {"mouth_smirk": [{"fcl_mth_a": 0.5}]}})";
  EXPECT_EQ(morphs_of("mouth_smirk", changes), (Names{"Fcl_MTH_A"}));
  EXPECT_EQ(morphs_of("mouth_aaa", changes), (Names{"Fcl_MTH_A"}));
  EXPECT_EQ(morphs_of("eye_wink_left", changes), (Names{"Fcl_EYE_Close_L"}));
}

TEST(VrmTable, TakesThePlaceOfWhatWasThere) {
  const std::string changes = R"({"parameters": {"mouth_aaa": [{"Fcl_BRW_Angry": 1}], "eye_wink": []}})";
  EXPECT_EQ(morphs_of("mouth_aaa", changes), (Names{"Fcl_BRW_Angry"}));
  EXPECT_EQ(morphs_of("eye_wink_left", changes), Names{}) << "no alternative is left";
  // Of a parameter with two signs, the one that is named.
  const std::string up = R"({"parameters": {"iris_rotation_x": {"positive": [{"Fcl_MTH_A": 1}]}}})";
  BoxAvatar avatar;
  avatar.vrm()["lookAt"]["type"] = "expression";
  avatar.vrm()["expressions"]["preset"]["lookDown"]["morphTargetBinds"] = {
      {{"node", avatar.bone_names.size()}, {"index", 0}, {"weight", 1}}};
  const Rig rig = import_vrm(avatar.write("signs.vrm"), table_of(up)).rig;
  const auto& look = rig.controls[static_cast<std::size_t>(pose_parameter_index("iris_rotation_x"))].morphs;
  ASSERT_EQ(look.size(), 2U);
  EXPECT_EQ(look[0].morph, "Fcl_MTH_A");
  EXPECT_FALSE(look[0].for_negative);
  EXPECT_EQ(look[1].morph, "Fcl_EYE_Close_L");
  EXPECT_TRUE(look[1].for_negative);
}

TEST(VrmTable, TakesThePlaceOfBones) {
  const auto read = [](const std::string& changes) {
    return import_vrm(BoxAvatar().write("bones.vrm"), table_of(changes));
  };
  const auto turns = [](const VrmImport& import, const char* parameter) {
    return import.rig.controls[static_cast<std::size_t>(pose_parameter_index(parameter))].turns.size();
  };
  const std::string both = R"({"parameters": {"iris_rotation_x":
      {"positive": [{"Fcl_MTH_A": 1}], "negative": [{"Fcl_BRW_Angry": 0.5}]}}})";
  const VrmImport morphs = read(both);
  EXPECT_EQ(turns(morphs, "iris_rotation_x"), 0U);
  EXPECT_EQ(turns(morphs, "iris_rotation_y"), 2U) << "not named";
  EXPECT_EQ(morphs_of("iris_rotation_x", both), (Names{"Fcl_MTH_A", "Fcl_BRW_Angry"}));
  EXPECT_EQ(morphs.report.sources.at("iris_rotation_x"), "Fcl_MTH_A, below 0 Fcl_BRW_Angry");

  const VrmImport still = read(R"({"parameters": {"iris_rotation_y": {"positive": [], "negative": []}}})");
  EXPECT_EQ(turns(still, "iris_rotation_y"), 0U);
  EXPECT_TRUE(test::contains(still.report.missing_parameters, "iris_rotation_y"));
  EXPECT_FALSE(test::contains(still.report.missing_parameters, "iris_rotation_x"));

  const VrmImport breath = read(R"({"parameters": {"breathing": [{"Fcl_MTH_A": 1}]}})");
  EXPECT_TRUE(test::contains(morphs_of("breathing", R"({"parameters": {"breathing": [{"Fcl_MTH_A": 1}]}})"),
                             "Fcl_MTH_A"));
  EXPECT_TRUE(
      breath.rig.controls[static_cast<std::size_t>(pose_parameter_index("breathing"))].shifts.empty());
}

TEST(VrmTable, LeavesBonesTheSideOfZeroThatItDoesNotName) {
  const auto file = BoxAvatar().write("one_sign.vrm");
  const Rig plain = import_vrm(file).rig;
  const VrmImport import =
      import_vrm(file, table_of(R"({"parameters": {"iris_rotation_y": {"negative": [{"Fcl_MTH_A": 1}]}}})"));
  const auto of = [](const Rig& rig, const char* mesh, float value) {
    return test::posed(rig, mesh, "iris_rotation_y", value);
  };
  for (std::size_t corner = 0; corner < 8; ++corner) {
    EXPECT_LT(glm::distance(of(import.rig, "LeftIris", 1)[corner], of(plain, "LeftIris", 1)[corner]), 1e-2F);
    EXPECT_EQ(of(import.rig, "LeftIris", -1)[corner], of(plain, "LeftIris", 0)[corner]);
  }
  EXPECT_GT(glm::distance(of(plain, "LeftIris", 1)[4], of(plain, "LeftIris", 0)[4]), 1);
  EXPECT_NE(of(import.rig, "Face", -1)[4], of(plain, "Face", 0)[4]);
  EXPECT_EQ(of(import.rig, "Face", 1)[4], of(plain, "Face", 0)[4]);
  EXPECT_EQ(import.report.sources.at("iris_rotation_y"), "leftEye turns, below 0 Fcl_MTH_A");
}

TEST(VrmTable, LimitsTakeThePlaceOfAllLimits) {
  const std::string changes =
      R"({"parameters": {"mouth_smirk": [{"Fcl_BRW_Angry": 1}]}, "limits": [["mouth_aaa", "mouth_smirk"]]})";
  const Rig rig = import_vrm(BoxAvatar().write("limited.vrm"), table_of(changes)).rig;
  ASSERT_EQ(rig.parameter_limits.size(), 1U);
  EXPECT_EQ(rig.parameter_limits[0].parameters,
            (std::vector<int>{pose_parameter_index("mouth_aaa"), pose_parameter_index("mouth_smirk")}));
}

TEST(VrmTable, MistakesAreNamedWithTheirFile) {
  const auto message_of = [](const std::string& text) {
    return input_error_message([&] { import_vrm(BoxAvatar().write("mistakes.vrm"), table_of(text)); });
  };
  for (const auto& [text, part] : {std::pair{R"({"parameters": {"mouth_smirc": [{"a": 1}]}})", "mouth_smirk"},
                                   {R"({"limits": [["mouth_smirc"]]})", "limits"},
                                   {R"({"expressions": {"aa": {"mouth_smirc": 1}}})", "expressions.aa"},
                                   {R"({"expressions": {"aa": {"mouth_smirk": 2}}})", "expressions.aa"},
                                   {R"({"parametres": {}})", "parameters"}}) {
    const std::string message = message_of(text);
    EXPECT_NE(message.find("changes.json"), std::string::npos) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(VrmLog, SaysWhoseTheAvatarIsAndWhatItsTableDoes) {
  BoxAvatar avatar;
  avatar.vrm()["meta"]["authors"] = {"One", "An\x1b[31mother\n"};
  const fs::path file = avatar.write("logged.vrm");
  write_text_file(vrm_parameter_file(file), R"({"parameters": {"mouth_smirk": [{"fcl_mth_a": 0.5}]}})");
  const CapturedLog log;
  open_rig(file.string());
  EXPECT_TRUE(log.has("VRM 1.0 'Boxes' by One, An[31mother, licence https://vrm.dev/licenses/1.0/"))
      << log.text();
  EXPECT_TRUE(log.has("also read from logged.parameters.json")) << log.text();
  EXPECT_TRUE(log.has("can be said in logged.parameters.json")) << log.text();
  EXPECT_FALSE(log.has("mouth_smirk,")) << "the table moves it; " << log.text();
  const std::string once = log.text();
  open_rig(file.string());
  EXPECT_EQ(log.text(), once) << "an avatar that is read again is no news";
}

TEST(VrmLog, SaysThatTheTableOfAnExportedAvatarIsNotUsed) {
  const fs::path file = fs::path(testing::TempDir()) / "tha4_vrm" / "exported_with_table.vrm";
  write_vrm(test::hand_made_rig(), file);
  write_text_file(vrm_parameter_file(file), R"({"parameters": {"mouth_smirk": [{"open": 1}]}})");
  const CapturedLog log;
  const Rig rig = open_rig(file.string());
  EXPECT_TRUE(log.has("exported_with_table.parameters.json is not used")) << log.text();
  EXPECT_FALSE(log.has("can be said in")) << log.text();
  EXPECT_TRUE(rig.controls[static_cast<std::size_t>(pose_parameter_index("mouth_smirk"))].morphs.empty());
}

}  // namespace
}  // namespace tha4
