#include <algorithm>
#include <csignal>
#include <thread>

#include "command_runner.h"
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/image/compositing.h"
#include "tha4/image/image_io.h"
#include "tha4/poser/character.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

const std::string kSettings = std::string(THA4_FIXTURES_DIR) + "/distill/";

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
  EXPECT_EQ(read_image(out / "preview.png").width, 4 + 4 * (512 + 4)) << "what the teacher does";
  EXPECT_EQ(read_json_file(out / "config.json")["body_rotator"]["frames"], 6);
  EXPECT_TRUE(read_json_file(out / "scores.json")["held_out"].contains("student_face_psnr"));
  EXPECT_EQ(run_command_line("tha4-pose", {"--device", "cpu", "--character", out.string(), "--poses",
                                           "random:2", "--out", (out / "sheet.png").string()})
                .status,
            0);
}

/// Adds settings that ask a teacher for as few frames as possible while SIRENs are trained.
void set_few_frames(std::vector<std::string>& arguments) {
  for (
      const char* setting :
      {"face_morpher.examples=4", R"(face_morpher.learning_rate=[{"until_examples": 4, "value": 1e-3}])",
       "body_rotator.examples=2", R"(body_rotator.learning_rate=[{"until_examples": 2, "value": 1e-3}])",
       R"(body_rotator.loss_phases=[{"until_examples": 2, "flow": 1, "warped": 1, "direct": 1, "final": 1}])",
       "samples=1", "held_out.poses=1"}) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
}

/// A white square in the middle of a face crop.
RgbaImage square_mask() {
  RgbaImage mask(128, 128);
  for (std::size_t y = 0; y < 128; ++y) {
    for (std::size_t x = 0; x < 128; ++x) {
      const bool inside = x >= 40 && x < 90 && y >= 30 && y < 80;
      std::uint8_t* pixel = &mask.pixels[(y * 128 + x) * 4];
      std::fill_n(pixel, 3, static_cast<std::uint8_t>(inside ? 255 : 0));
      pixel[3] = 255;
    }
  }
  return mask;
}

TEST(DistillCommand, TurnsAPictureAndATeachersNetworksIntoAnOfficialCharacter) {
  const fs::path folder = fresh_folder("distill_networks");
  const fs::path picture = small_character_folder() / "character.png";
  write_image(folder / "mask.png", square_mask());
  const fs::path out = folder / "character";
  const std::string teacher = std::string(THA4_FIXTURES_DIR) + "/random_teacher";
  std::vector<std::string> arguments = {"--device",  "cpu",
                                        "--image",   picture.string(),
                                        "--teacher", teacher,
                                        "--mask",    (folder / "mask.png").string(),
                                        "--config",  kSettings + "tiny_siren.json",
                                        "--out",     out.string()};
  set_few_frames(arguments);
  const CommandResult result = run_command_line("tha4-distill", arguments);
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_EQ(read_image(out / "character.png").pixels, read_image(picture).pixels);
  EXPECT_EQ(read_text_file(out / "character_model.yaml"),
            "character_image_file_name: character.png\n"
            "face_morpher_file_name: face_morpher.pt\n"
            "body_morpher_file_name: body_morpher.pt\n");
  EXPECT_TRUE(load_character(out).is_official());
  const RgbaImage mask = read_image(out / "face_mask.png");
  const auto white_at = [&](std::size_t x, std::size_t y) { return mask.pixels[(y * 512 + x) * 4] == 255; };
  EXPECT_TRUE(white_at(192 + 40, 80 + 30));
  EXPECT_FALSE(white_at(192 + 39, 80 + 30));
  EXPECT_FALSE(white_at(192 + 90, 80 + 79));
  EXPECT_EQ(read_json_file(out / "report.json")["teacher"], teacher);
  EXPECT_EQ(read_json_file(out / "report.json")["opens_in_official_apps"], true);
  EXPECT_EQ(run_command_line("tha4-pose", {"--device", "cpu", "--character", out.string(), "--poses", "rest",
                                           "--out", (folder / "rest.png").string()})
                .status,
            0);
  EXPECT_EQ(read_image(folder / "rest.png").width, 512);
}

TEST(DistillCommand, FitsAPictureForATeacherOfTheBaselinesArchitecture) {
  const fs::path folder = fresh_folder("distill_tha3");
  RgbaImage small(300, 200);
  for (std::size_t i = 0; i < small.pixels.size(); ++i) {
    const std::size_t x = i / 4 % 300;
    small.pixels[i] = static_cast<std::uint8_t>(x > 100 && x < 200 ? 200 : 0);
  }
  write_image(folder / "small.png", small);
  const fs::path out = folder / "character";
  std::vector<std::string> arguments = {"--device",
                                        "cpu",
                                        "--image",
                                        (folder / "small.png").string(),
                                        "--fit",
                                        "--arch",
                                        "tha3",
                                        "--teacher",
                                        std::string(THA4_FIXTURES_DIR) + "/random_tha3_teacher",
                                        "--config",
                                        kSettings + "tiny_siren.json",
                                        "--set",
                                        "mask_poses=2",
                                        "--out",
                                        out.string()};
  set_few_frames(arguments);
  const CommandResult result = run_command_line("tha4-distill", arguments);
  ASSERT_EQ(result.status, 0) << result.errors;
  const Character character = load_character(out);
  EXPECT_EQ(character.image.width, 512);
  EXPECT_EQ(character.image.height, 512);
  EXPECT_TRUE(fs::exists(out / "face_mask.png"));
}

TEST(DistillCommand, TakesTheOfficialConfig) {
  const fs::path folder = fresh_folder("distill_official");
  write_image(folder / "mask.png", square_mask());
  write_text_file(folder / "config.yaml",
                  "prefix: " + (folder / "out").string() + "\n" +
                      "character_image_file_name: " + (small_character_folder() / "character.png").string() +
                      "\n" + "face_mask_image_file_name: " + (folder / "mask.png").string() + "\n" +
                      "face_morpher_random_seed_0: 12771885812175595441\n"
                      "face_morpher_batch_size: 2\n"
                      "body_morpher_random_seed_0: 11\n"
                      "body_morpher_batch_size: 1\n"
                      "num_gpus: 1\n");
  std::vector<std::string> arguments = {
      "--device",
      "cpu",
      "--teacher",
      small_character_folder().string(),
      "--config",
      (folder / "config.yaml").string(),
      "--set",
      "face_morpher.width=8",
      "--set",
      "body_rotator.window=64",
      "--set",
      R"(body_rotator.levels=[{"size": 128, "width": 6}, {"size": 256, "width": 5}, {"size": 512, "width": 4}])"};
  set_few_frames(arguments);
  const CommandResult result = run_command_line("tha4-distill", arguments);
  ASSERT_EQ(result.status, 0) << result.errors;
  const fs::path out = folder / "out" / "character_model";
  const auto config = read_json_file(out / "config.json");
  EXPECT_EQ(config["face_morpher"]["seed"], 12771885812175595441ULL);
  EXPECT_EQ(config["face_morpher"]["batch"], 2);
  EXPECT_EQ(config["face_morpher"]["mask_weight"], 20) << "what the file does not say is the paper's";
  EXPECT_EQ(config["body_rotator"]["seed"], 11);
  EXPECT_EQ(config["body_rotator"]["batch"], 1);
  EXPECT_EQ(config["body_rotator"]["window"], 64) << "--set comes after the file";
  EXPECT_TRUE(load_character(out).is_official());
  for (const char* file : {"report.html", "report.json", "preview.mp4", "face_mask.png"}) {
    EXPECT_TRUE(fs::exists(out / file)) << file;
  }
}

TEST(DistillCommand, ADivergedTrainingIsNotCalledDone) {
  const fs::path out = fresh_folder("distill_diverged") / "character";
  const CommandResult result =
      run_command_line("tha4-distill", {"--device", "cpu", "--teacher", "procedural:7", "--config",
                                        kSettings + "diverging.json", "--out", out.string()});
  EXPECT_EQ(result.status, 1) << result.errors;
  EXPECT_NE(result.errors.find("worse than a picture that does not move"), std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("lower learning rate"), std::string::npos) << result.errors;
  EXPECT_EQ(result.errors.find("wrote the character"), std::string::npos) << result.errors;
  EXPECT_TRUE(fs::exists(out / "report.html"));
}

TEST(DistillCommand, ResumesByTheSettingsOfTheRunAndKeepsItsTime) {
  const fs::path out = fresh_folder("distill_times") / "character";
  ASSERT_EQ(run_command_line("tha4-distill", distill_arguments(out, "tiny_blendshape.json")).status, 0);
  const double before = read_json_file(out / "report.json")["seconds"]["in all"];
  const CommandResult again = run_command_line(
      "tha4-distill", {"-q", "--device", "cpu", "--teacher", small_character_folder().string(), "--out",
                       out.string(), "--resume"});
  ASSERT_EQ(again.status, 0) << again.errors;
  EXPECT_GE(read_json_file(out / "report.json")["seconds"]["in all"], before);
  const CommandResult wrong = run_command_line(
      "tha4-distill", {"--device", "cpu", "--teacher", small_character_folder().string(), "--out",
                       (out.parent_path() / "other").string(), "--config", kSettings + "tiny_blendshape.json",
                       "--set", "body_rotator.frames=0"});
  EXPECT_NE(wrong.errors.find("--set: body_rotator.frames is 0"), std::string::npos) << wrong.errors;
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
  // The face has begun: it is what there is, and the report says that this is not all.
  EXPECT_EQ(run_command_line("tha4-pose", {"--device", "cpu", "--character", out.string(), "--poses",
                                           "random:1", "--out", (folder / "frame.png").string()})
                .status,
            0);
  EXPECT_EQ(read_json_file(out / "report.json")["finished"], false);
  const std::string errors = read_text_file(folder / "errors");
  EXPECT_NE(errors.find("It can be played"), std::string::npos) << errors;
  EXPECT_NE(errors.find("--resume"), std::string::npos) << errors;
}

TEST(DistillCommand, TakesTheRigBesideThePictureAsTeacher) {
  const fs::path out = fresh_folder("distill_rig");
  const std::string picture = std::string(THA4_SOURCE_DIR) + "/data/demo/character.png";
  const CommandResult result =
      run_command_line("tha4-distill", {"--image", picture, "--teacher", "rig", "--config",
                                        std::string(THA4_FIXTURES_DIR) + "/distill/tiny_blendshape.json",
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
  const std::string networks = std::string(THA4_FIXTURES_DIR) + "/random_teacher";
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
      {{"--teacher", teacher, "--config", kSettings + "tiny_blendshape.json", "--minutes", "0.00001", "--out",
        (out / "x").string()},
       "at least"},
      {{"--teacher", teacher, "--minutes", "-1"}, "--minutes"},
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
