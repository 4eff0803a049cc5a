// A teacher of the architecture `compact`, of small random networks, in every command that takes a teacher.

#include "command_runner.h"
#include "nn/small_teacher.h"
#include "report/occurrences.h"
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/image/image_io.h"
#include "tha4/poser/character.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// The folder of a teacher whose poses show.
const std::string& teacher() {
  static const std::string folder = [] {
    const fs::path made = fresh_folder("compact_teacher");
    torch::manual_seed(3);
    const Teacher small = small_compact_teacher();
    perturb_weights(small);
    write_teacher(small, made, "pt");
    return made.string();
  }();
  return folder;
}

std::string picture() {
  return (small_character_folder() / "character.png").string();
}

/// Runs \p command on the CPU.
CommandResult run(const std::string& command, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--device", "cpu"});
  return run_command_line(command, arguments);
}

TEST(CompactTeacher, PosesAPictureWithoutBeingToldWhatItIs) {
  const fs::path out = fresh_folder("compact_pose");
  const auto frame = [&](const char* name, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"--teacher", teacher(),  "--image", picture(),
                                          "--poses",   "random:2", "--out",   (out / name).string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run("tha4-pose", arguments);
    EXPECT_EQ(result.status, 0) << result.errors;
    return result.status == 0 ? read_image(out / name) : RgbaImage(1, 1);
  };
  const RgbaImage detected = frame("detected.png", {}), named = frame("named.png", {"--arch", "compact"});
  EXPECT_GT(detected.width, 2 * 500);
  EXPECT_EQ(detected.pixels, named.pixels);
}

/// Whether a preview sheet shows the upper left corner of the head box on its first picture.
bool shows_head_box(const RgbaImage& sheet) {
  const std::size_t x = 4 + 191, y = 4 + 20 + 63;
  const std::uint8_t* const pixel = &sheet.pixels[(y * sheet.width + x) * 4];
  return pixel[0] == 220 && pixel[1] == 20 && pixel[2] == 60;
}

TEST(CompactTeacher, ShowsAPreviewWithTheHeadBoxOfAPicture) {
  const fs::path file = fresh_folder("compact_preview") / "preview.png";
  const CommandResult result = run("tha4-pose", {"--teacher", teacher(), "--image", picture(), "--poses",
                                                 "preview", "--batch", "4", "--out", file.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  const RgbaImage sheet = read_image(file);
  EXPECT_EQ(sheet.width, 4 + 4 * (512 + 4));
  EXPECT_EQ(sheet.height, 4 + 4 * (20 + 512 + 4)) << "with labels";
  EXPECT_TRUE(shows_head_box(sheet));
}

TEST(CompactTeacher, ThePreviewOfACharacterHasLabelsAndNoHeadBox) {
  const fs::path file = fresh_folder("character_preview") / "preview.png";
  const CommandResult result = run("tha4-pose", {"--character", small_character_folder().string(), "--poses",
                                                 "preview", "--out", file.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  const RgbaImage sheet = read_image(file);
  EXPECT_EQ(sheet.height, 4 + 4 * (20 + 512 + 4));
  EXPECT_FALSE(shows_head_box(sheet));
}

/// A picture that no teacher poses well, and how the warning of it begins.
const std::string kSmallInCorner = std::string(THA4_FIXTURES_DIR) + "/pictures/small_in_corner.png";
const std::string kWarning = kSmallInCorner + ": nothing is drawn above y = 395";

TEST(CompactTeacher, WarnsOfAPictureThatItCannotPoseWell) {
  const fs::path folder = fresh_folder("compact_warnings");
  const CommandResult posed = run("tha4-pose", {"--teacher", teacher(), "--image", kSmallInCorner, "--out",
                                                (folder / "frame.png").string()});
  EXPECT_EQ(posed.status, 0) << posed.errors;
  EXPECT_EQ(occurrences(posed.errors, kWarning), 1U) << posed.errors;
  // A rig knows its own picture: nothing is said of it.
  const CommandResult rig =
      run("tha4-pose", {"--teacher", "procedural:3", "--out", (folder / "rig.png").string()});
  EXPECT_EQ(rig.status, 0) << rig.errors;
  EXPECT_EQ(rig.errors.find("warning:"), std::string::npos) << rig.errors;
}

TEST(CompactTeacher, IsDistilledFromAfterAPreviewAndAWarning) {
  const fs::path out = fresh_folder("compact_distill") / "character";
  std::vector<std::string> arguments = {
      "--image",   kSmallInCorner,
      "--teacher", teacher(),
      "--config",  std::string(THA4_FIXTURES_DIR) + "/distill/tiny_blendshape.json",
      "--set",     "samples=1",
      "--set",     "held_out.poses=1",
      "--out",     out.string()};
  const CommandResult result = run("tha4-distill", arguments);
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(load_character(out).image.width, 512);
  EXPECT_EQ(occurrences(result.errors, kWarning), 1U) << result.errors;
  EXPECT_TRUE(shows_head_box(read_image(out / "preview.png")));
  EXPECT_EQ(occurrences(result.errors, "wrote " + (out / "preview.png").string()), 1U) << result.errors;
  EXPECT_EQ(read_json_file(out / "report.json")["teacher"], teacher());
}

TEST(CompactTeacher, IsEvaluated) {
  const fs::path json = fresh_folder("compact_eval") / "scores.json";
  const CommandResult result =
      run("tha4-eval", {"teacher", "--teacher", teacher(), "--data", "procedural:3", "--split", "train",
                        "--images", "1", "--json", json.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find("(compact) on 1 image of"), std::string::npos) << result.output;
  EXPECT_EQ(read_json_file(json)["settings"]["arch"], "compact");
}

TEST(CompactTeacher, IsMeasuredWithAndWithoutAFolder) {
  const fs::path folder = fresh_folder("compact_bench");
  const auto measure = [&](const std::string& name, std::vector<std::string> arguments) {
    const fs::path file = folder / (name + ".json");
    arguments.insert(arguments.end(), {"--frames", "1", "--warm-up", "0", "--json", file.string()});
    const CommandResult result = run("tha4-bench", arguments);
    EXPECT_EQ(result.status, 0) << result.errors;
    return result.status == 0 ? read_json_file(file) : nlohmann::json();
  };
  const nlohmann::json fresh = measure("fresh", {"teacher", "--arch", "compact"});
  const nlohmann::json small = measure("small", {"teacher", "--teacher", teacher()});
  for (const nlohmann::json& json : {fresh, small}) {
    ASSERT_FALSE(json.is_null());
    const nlohmann::json& system = json["systems"].at(0);
    EXPECT_EQ(system["name"], "compact");
    EXPECT_FALSE(system.contains("paper")) << "the paper has no such teacher";
    for (const char* network : {"unet_face_morpher", "half_resolution_rotator", "editor"}) {
      EXPECT_GT(system["parameters"][network], 0) << network;
    }
  }
  EXPECT_GT(fresh["systems"][0]["parameters"]["total"], small["systems"][0]["parameters"]["total"]);
  EXPECT_NE(fresh["measured"].get<std::string>().find("compact teacher's sizes"), std::string::npos);
}

TEST(CompactTeacher, SaysWhichNetworkIsMissing) {
  const fs::path folder = fresh_folder("compact_part");
  fs::copy_file(fs::path(teacher()) / "unet_face_morpher.pt", folder / "unet_face_morpher.pt");
  const std::string out = (folder / "a.png").string();
  const std::vector<BadUsage> cases = {
      {{"--teacher", folder.string(), "--image", picture(), "--out", out},
       "no whole compact teacher: body_morpher.pt and residual_editor.pt are missing; put what is missing "
       "there"},
      {{"--teacher", teacher(), "--image", picture(), "--arch", "tha4", "--out", out},
       "no whole tha4 teacher: eyebrow_decomposer.pt"},
      {{"--teacher", teacher(), "--image", picture(), "--arch", "compct", "--out", out},
       "did you mean 'compact'?"}};
  for (const BadUsage& usage : cases) {
    const CommandResult result = run("tha4-pose", usage.arguments);
    EXPECT_EQ(result.status, 2);
    EXPECT_NE(result.errors.find(usage.message), std::string::npos) << result.errors;
  }
}

/// An installed copy of a command, which has a base teacher beside it.
std::string installed(const std::string& command, const fs::path& root) {
  fs::create_directories(root / "bin");
  fs::copy_file(fs::path(THA4_BIN_DIR) / command, root / "bin" / command);
  fs::create_directories(root / "share" / "tha4" / "data");
  if (!fs::exists(root / "share" / "tha4" / "data" / "teacher")) {
    fs::copy(teacher(), root / "share" / "tha4" / "data" / "teacher");
  }
  return (root / "bin" / command).string();
}

TEST(BaseTeacher, IsTakenWhereAPictureIsNamedAndNoTeacher) {
  const fs::path root = fresh_folder("base_teacher");
  const std::string note = "posing with the project's own teacher, data/teacher";
  const CommandResult posed =
      run(installed("tha4-pose", root), {"--image", picture(), "--out", (root / "frame.png").string()});
  ASSERT_EQ(posed.status, 0) << posed.errors;
  EXPECT_NE(posed.errors.find(note), std::string::npos) << posed.errors;
  EXPECT_EQ(read_image(root / "frame.png").width, 512);

  // That the teacher is refused as the place of its student says that it was found and opened.
  const std::string own = (root / "share" / "tha4" / "data" / "teacher").string();
  const CommandResult distilled = run(installed("tha4-distill", root), {"--image", picture(), "--out", own});
  EXPECT_EQ(distilled.status, 2);
  EXPECT_NE(distilled.errors.find(note), std::string::npos) << distilled.errors;
  EXPECT_NE(distilled.errors.find(own + " is the folder of the teacher itself"), std::string::npos)
      << distilled.errors;
}

}  // namespace
}  // namespace tha4
