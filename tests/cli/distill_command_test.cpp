#include <chrono>
#include <csignal>
#include <thread>

#include "command_runner.h"
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/image/compositing.h"
#include "tha4/image/image_io.h"
#include "tha4/poser/character.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

const std::string kSettings = std::string(THA4_TEST_DATA_DIR) + "/distill/";

std::vector<std::string> distill_arguments(const fs::path& out, const std::string& settings) {
  return {"--device",           "cpu",   "--teacher", small_character_folder().string(), "--config",
          kSettings + settings, "--out", out.string()};
}

TEST(DistillCommand, TurnsATeacherIntoACharacterThatPlays) {
  const fs::path out = fresh_folder("distill") / "character";
  auto arguments = distill_arguments(out, "tiny_blendshape.json");
  arguments.insert(arguments.end(),
                   {"--set", "body_rotator.frames=6", "--json", (out / "scores.json").string()});
  const CommandResult result = run_command_line("tha4-distill", arguments);
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("held-out poses"), std::string::npos);
  EXPECT_EQ(read_json_file(out / "config.json")["body_rotator"]["frames"], 6);
  EXPECT_TRUE(read_json_file(out / "scores.json")["held_out"].contains("student_face_psnr"));
  EXPECT_EQ(run_command_line("tha4-pose", {"--device", "cpu", "--character", out.string(), "--poses",
                                           "random:2", "--out", (out / "sheet.png").string()})
                .status,
            0);
}

TEST(DistillCommand, RefusesAFolderThatHoldsAnotherRun) {
  const fs::path out = fresh_folder("distill_twice") / "character";
  ASSERT_EQ(run_command_line("tha4-distill", distill_arguments(out, "tiny_siren.json")).status, 0);
  const CommandResult again = run_command_line("tha4-distill", distill_arguments(out, "tiny_siren.json"));
  EXPECT_EQ(again.status, 2);
  EXPECT_NE(again.errors.find("--resume"), std::string::npos) << again.errors;
}

TEST(DistillCommand, KilledAtAnyMomentResumesToTheSameWeights) {
  const fs::path folder = fresh_folder("distill_killed");
  ASSERT_EQ(run_command_line("tha4-distill", distill_arguments(folder / "whole", "tiny_siren.json")).status,
            0);
  const fs::path out = folder / "killed";
  RunningCommand running("tha4-distill", distill_arguments(out, "tiny_siren.json"), folder / "errors");
  const auto has_checkpoint = [&] {
    return fs::exists(out / "checkpoints") && !fs::is_empty(out / "checkpoints");
  };
  while (running.is_running() && !has_checkpoint()) std::this_thread::yield();
  running.send(SIGKILL);
  running.wait();
  auto arguments = distill_arguments(out, "tiny_siren.json");
  arguments.push_back("--resume");
  const CommandResult resumed = run_command_line("tha4-distill", arguments);
  ASSERT_EQ(resumed.status, 0) << resumed.errors;
  for (const char* file : {"face_morpher.pt", "body_morpher.pt"}) {
    const StateDict expected = read_weights(folder / "whole" / file);
    const StateDict actual = read_weights(out / file);
    for (const auto& item : expected)
      EXPECT_TRUE(torch::equal(item.value(), actual[item.key()])) << item.key();
  }
}

TEST(DistillCommand, InterruptedSavesAndExits130) {
  const fs::path folder = fresh_folder("distill_interrupted");
  const fs::path out = folder / "character";
  RunningCommand running("tha4-distill", distill_arguments(out, "tiny_siren.json"), folder / "errors");
  const auto has_checkpoint = [&] {
    return fs::exists(out / "checkpoints") && !fs::is_empty(out / "checkpoints");
  };
  while (running.is_running() && !has_checkpoint()) std::this_thread::yield();
  running.send(SIGINT);
  EXPECT_EQ(running.wait(), 130);
}

TEST(DistillCommand, TakesTheRigBesideThePictureAsTeacher) {
  const fs::path out = fresh_folder("distill_rig");
  const std::string picture = std::string(THA4_SOURCE_DIR) + "/data/demo/character.png";
  const CommandResult result =
      run_command_line("tha4-distill", {"--image", picture, "--teacher", "rig", "--config",
                                        std::string(THA4_TEST_DATA_DIR) + "/distill/tiny_blendshape.json",
                                        "--out", (out / "character").string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_TRUE(fs::exists(out / "character" / "character_model.yaml"));
  const CommandResult none = run_command_line(
      "tha4-distill", {"--image", (small_character_folder() / "character.png").string(), "--teacher", "rig"});
  EXPECT_EQ(none.status, 2);
  EXPECT_NE(none.errors.find("character.vrm"), std::string::npos) << none.errors;
}

TEST(DistillCommand, SaysInOneLineWhatIsWrong) {
  const fs::path out = fresh_folder("distill_bad");
  const std::string teacher = small_character_folder().string();
  write_image(out / "opaque.png", lay_over(read_image(small_character_folder() / "character.png"), {}));
  RgbaImage small(100, 100);
  small.pixels[4 * 5050 + 3] = 255;
  write_image(out / "small.png", small);
  const std::string networks = std::string(THA4_TEST_DATA_DIR) + "/random_teacher";
  const std::vector<BadUsage> cases = {
      {{"--out", (out / "x").string()}, "--teacher"},
      {{"--teacher", networks, "--out", (out / "x").string()}, "--image"},
      {{"--teacher", networks, "--image", (out / "opaque.png").string(), "--out", (out / "x").string()},
       "transparent"},
      {{"--teacher", networks, "--image", (out / "small.png").string(), "--out", (out / "x").string()},
       "--fit"},
      {{"--teacher", teacher, "--preset", "quik"}, "did you mean 'quick'?"},
      {{"--teacher", teacher, "--set", "body_rotator.frame=3"}, "did you mean 'frames'?"},
      {{"--teacher", teacher, "--resume", "--out", (out / "x").string()}, (out / "x").string()},
      {{"--teacher", (out / "none").string(), "--image", teacher + "/character.png"}, "none"},
  };
  for (const BadUsage& usage : cases) {
    const CommandResult result = run_command_line("tha4-distill", usage.arguments);
    EXPECT_EQ(result.status, 2) << usage.message << "\n" << result.errors;
    EXPECT_NE(result.errors.find(usage.message), std::string::npos) << result.errors;
  }
  EXPECT_FALSE(fs::exists(out / "x"));
}

}  // namespace
}  // namespace tha4
