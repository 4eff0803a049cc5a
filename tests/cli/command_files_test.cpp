#include "command_files.h"

#include <algorithm>

#include "command_runner.h"
#include <sys/stat.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using app::CommandFiles;

std::string problem_of(const CommandFiles& files) {
  try {
    files.check();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void expect_problem(const CommandFiles& files, const std::string& part) {
  const std::string problem = problem_of(files);
  EXPECT_NE(problem.find(part), std::string::npos) << problem;
  EXPECT_EQ(problem.find('\n'), std::string::npos) << problem;
}

TEST(CommandFiles, OutputsAreNoInputs) {
  const fs::path folder = fresh_folder("command_files");
  const fs::path picture = folder / "me.png";
  write_text_file(picture, "x");
  fs::create_symlink(picture, folder / "link.png");
  fs::create_hard_link(picture, folder / "hard.png");
  for (const fs::path& out : {picture, folder / "." / "me.png", folder / "link.png", folder / "hard.png"}) {
    expect_problem(CommandFiles().reads("--image", picture).writes("--out", out), "is what --image reads");
  }
  EXPECT_EQ(problem_of(CommandFiles().reads("--image", picture).writes("--out", folder / "other.png")), "");
  EXPECT_EQ(problem_of(CommandFiles().reads("--poses", "demo").writes("--out", folder / "demo")), "");
}

TEST(CommandFiles, PartsOfAFolderThatIsReadAreNotWritten) {
  const fs::path character = small_character_folder();
  for (const char* part : {"character.png", "face_morpher.pt", "body_morpher.pt", "character_model.yaml"}) {
    expect_problem(CommandFiles().reads("--character", character).writes("--out", character / part),
                   "is what --character reads");
    expect_problem(CommandFiles()
                       .reads("--character", character / "character_model.yaml")
                       .writes("--out", character / part),
                   "is what --character reads");
  }
  EXPECT_EQ(
      problem_of(CommandFiles().reads("--character", character).writes("--out", character / "demo.mp4")), "");
  const fs::path pictures = fresh_folder("command_files_pictures");
  write_text_file(pictures / "1.png", "x");
  expect_problem(CommandFiles().reads("a", pictures, true).writes("--html", pictures / "1.png"),
                 "is what a reads");
}

TEST(CommandFiles, OutputsAreNotEachOther) {
  const fs::path folder = fresh_folder("command_files_twice");
  expect_problem(
      CommandFiles().writes("--out", folder / "s.png").writes("--json", folder / "a" / ".." / "s.png"),
      "is also --out");
  expect_problem(CommandFiles().fills("--out", folder / "s").writes("--json", folder / "s"), "is also --out");
  EXPECT_EQ(problem_of(CommandFiles().writes("--out", folder / "s.png").writes("--json", "")), "");
}

TEST(CommandFiles, NamesMustBeNames) {
  expect_problem(CommandFiles().fills("--out", "-"), "standard output");
  expect_problem(CommandFiles().writes("--json", "-"), "standard output");
  expect_problem(CommandFiles().fills("--out", "out/.png"), "extension without a name");
  expect_problem(CommandFiles().fills("--out", ".MP4"), "extension without a name");
}

TEST(CommandFiles, FoldersThatAreFilledAreNew) {
  const fs::path folder = fresh_folder("command_files_full");
  EXPECT_EQ(problem_of(CommandFiles().fills("--out", folder)), "");
  EXPECT_EQ(problem_of(CommandFiles().fills("--out", (folder / "new/").string())), "");
  write_text_file(folder / "frame_000000.png", "x");
  expect_problem(CommandFiles().fills("--out", folder), "not empty");
}

TEST(CommandFiles, OutputsInAFolderThatIsFilledHaveOtherNames) {
  const fs::path folder = fresh_folder("command_files_within");
  const auto files = [&](const fs::path& json) {
    return CommandFiles().fills("--out", folder / "o/", {"*.png", "config.json"}).writes("--json", json);
  };
  for (const char* name : {"frame_000000.png", "config.json", "../o/config.json", "runs/config.json"}) {
    expect_problem(files(folder / "o" / name), "is called as a file of --out is");
  }
  for (const char* name : {"o/scores.json", "config.json", "o.png", "o2/config.json"}) {
    EXPECT_EQ(problem_of(files(folder / name)), "") << name;
  }
}

TEST(CommandFiles, AFolderThatIsGoneOnInIsNotEmptyAndNoInput) {
  const fs::path folder = fresh_folder("command_files_goes_on");
  write_text_file(folder / "config.json", "{}");
  EXPECT_EQ(problem_of(CommandFiles()
                           .reads("--config", folder / "config.json")
                           .goes_on_in("--out", folder, {"config.json"})),
            "");
  expect_problem(CommandFiles().reads("--data", folder).goes_on_in("--out", folder.string() + "/", {}),
                 "is what --data reads");
}

/// Whatever YAML allows: other names, comments, braces, quotes, folders as Windows has them.
TEST(CommandFiles, FilesThatADescriptionNamesAreInputs) {
  const fs::path folder = fresh_folder("command_files_yaml");
  fs::create_directories(folder / "p");
  for (const char* name : {"a.png", "b.png", "c.png", "p/d.png"}) write_text_file(folder / name, "x");
  write_text_file(folder / "me.yaml",
                  "character_image_file_name: a.png  # mine\nfaces: {mask: \"b.png\", more: ['c.png']}\n"
                  "body: p\\d.png\n");
  for (const char* name : {"a.png", "b.png", "c.png", "p/d.png"}) {
    expect_problem(CommandFiles().reads("--character", folder / "me.yaml").writes("--out", folder / name),
                   "is what --character reads");
  }
  write_text_file(folder / "broken.yaml", "a: [");
  EXPECT_EQ(problem_of(CommandFiles().reads("--config", folder / "broken.yaml")), "");
}

TEST(CommandFiles, TablesBesideAvatarsAreInputs) {
  const fs::path folder = fresh_folder("command_files_tables");
  write_text_file(folder / "a.vrm", "x");
  write_text_file(folder / "a.parameters.json", "{}");
  for (const fs::path& read : {folder / "a.vrm", folder}) {
    expect_problem(CommandFiles().reads("--characters", read).writes("--json", folder / "a.parameters.json"),
                   "is what --characters reads");
  }
}

TEST(CommandFiles, WhatCannotBeWrittenIsNoticed) {
  const fs::path folder = fresh_folder("command_files_blocked");
  write_text_file(folder / "file", "x");
  expect_problem(CommandFiles().writes("--out", folder), "cannot write");
  expect_problem(CommandFiles().writes("--out", folder / "file" / "a" / "b.png"), "is a file, not a folder");
  expect_problem(CommandFiles().fills("--out", folder / "file" / "frames"), "is a file, not a folder");
  expect_problem(CommandFiles().fills("--out", folder / "file"), "is a file, not a folder");
  EXPECT_EQ(problem_of(CommandFiles().writes("--out", folder / "new" / "b.png")), "");
  EXPECT_EQ(problem_of(CommandFiles().fills("--out", folder / "new" / "frames")), "");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator{}), 1)
      << "nothing is made before the work";
  for (const char* nowhere : {"/proc/out", "/proc/new/out", "/proc/self/out"}) {
    expect_problem(CommandFiles().writes("--out", nowhere), "cannot write");
    expect_problem(CommandFiles().fills("--out", nowhere), "cannot write");
    expect_problem(CommandFiles().goes_on_in("--out", nowhere, {}), "cannot write");
  }
}

/// Every output of every command: what is said is of the output, not of the weights, which are read later and
/// are broken.
TEST(CommandFiles, AllCommandsSayWhatCannotBeWrittenBeforeTheWork) {
  const fs::path folder = fresh_folder("command_files_nowhere");
  const fs::path source = small_character_folder();
  const std::string c = (folder / "c").string();
  fs::copy(source, c);
  write_text_file(folder / "c" / "face_morpher.pt", "broken");
  const std::string config = std::string(THA4_FIXTURES_DIR) + "/distill/tiny_blendshape.json";
  const std::string ours = (folder / "ours").string();
  const std::string recipe = (fs::path(THA4_SOURCE_DIR) / "configs/teacher/smoke/face_morpher.json").string();
  struct Case {
    std::string command;
    std::vector<std::string> arguments;
  };
  for (const Case& bad : std::vector<Case>{
           {"tha4-pose", {"--character", c, "--out", "/proc/frame.png"}},
           {"tha4-pose", {"--character", c, "--poses", "random:2", "--out", "/proc/sheet.webp"}},
           {"tha4-pose", {"--character", c, "--poses", "demo", "--out", "/proc/clip.mp4"}},
           {"tha4-pose", {"--character", c, "--poses", "demo", "--out", "/proc/frames"}},
           {"tha4-pose", {"--character", c, "--dump", "/proc/t.safetensors"}},
           {"tha4-pose", {"--character", c, "--out", ours + ".png", "--json", "/proc/r.json"}},
           {"tha4-pose", {"--teacher", "procedural:1..2", "--out", "/proc/frame.png"}},
           {"tha4-export", {"--character", c, "--to", "safetensors", "--out", "/proc/new"}},
           {"tha4-export", {"--character", c, "--to", "web", "--out", "/proc/page.html"}},
           {"tha4-export", {"--character", c, "--to", "onnx", "--out", "/proc/c.onnx"}},
           {"tha4-export", {"--character", c, "--to", "onnx", "--out", "/proc/graphs"}},
           {"tha4-export", {"--character", "procedural:1", "--to", "vrm", "--out", "/proc/a.vrm"}},
           {"tha4-eval",
            {"student", "--character", c, "--teacher", "procedural:1", "--html", "/proc/r.html"}},
           {"tha4-eval", {"images", c, c, "--json", "/proc/r.json"}},
           {"tha4-eval", {"teacher", "--teacher", c, "--data", c, "--json", "/proc/r.json"}},
           {"tha4-bench", {"student", "--character", c, "--json", "/proc/r.json"}},
           {"tha4-bench", {"student", "--character", c, "--trace", "/proc/trace.json"}},
           {"tha4-bench", {"distill", "--teacher", c, "--config", config, "--json", "/proc/r.json"}},
           {"tha4-bench", {"train", "--config", recipe, "--json", "/proc/r.json"}},
           {"tha4-distill", {"--teacher", c, "--config", config, "--out", "/proc/new/me"}},
           {"tha4-distill", {"--teacher", c, "--config", config, "--out", ours, "--json", "/proc/r.json"}},
           {"tha4-train-teacher", {"--config", recipe, "--data", c, "--out", "/proc/teacher"}},
           {"tha4-train-teacher", {"--config", recipe, "--data", c, "--out", ours, "--json", "/proc/r.json"}},
           {"tha4-make-dataset", {"--characters", c, "--out", "/proc/new/data"}},
           {"tha4-make-dataset", {"--characters", c, "--out", ours, "--preview", "/proc/sheet.png"}},
           {"tha4-make-dataset", {"--characters", c, "--out", ours, "--json", "/proc/r.json"}}}) {
    const CommandResult result = run_command_line(bad.command, bad.arguments);
    EXPECT_EQ(result.status, 1) << bad.command << ": " << result.errors;
    EXPECT_NE(result.errors.find("cannot write /proc"), std::string::npos) << result.errors;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
  EXPECT_FALSE(fs::exists(ours));
}

/// The commands themselves, whose inputs must stay as they were.
TEST(CommandFiles, AllCommandsCheckThemBeforeTheWork) {
  const fs::path folder = fresh_folder("command_files_commands");
  const fs::path source = small_character_folder();
  const fs::path character = folder / "c";
  fs::copy(source, character);
  const std::string before = read_text_file(character / "character.png");
  const std::string poses = (folder / "poses.json").string();
  write_text_file(poses, "[{}]");
  fs::create_directories(folder / "full");
  write_text_file(folder / "full" / "frame_000007.png", "x");
  write_text_file(folder / "me.png", before);
  struct Case {
    std::string command;
    std::vector<std::string> arguments;
    std::string message;
  };
  const std::string c = character.string(), picture = (character / "character.png").string();
  const std::string sheet = (folder / "s.png").string();
  for (const Case& bad : std::vector<Case>{
           {"tha4-pose", {"--image", picture, "--out", picture}, "is what --image reads"},
           {"tha4-pose", {"--character", c, "--out", picture}, "is what --character reads"},
           {"tha4-pose", {"--character", c, "--out", sheet, "--json", sheet}, "is also --out"},
           {"tha4-pose",
            {"--character", c, "--poses", poses, "--out", sheet, "--json", poses},
            "what --poses reads"},
           {"tha4-pose", {"--character", c, "--out", (folder / "full").string()}, "not empty"},
           {"tha4-pose", {"--character", c, "--out", "-"}, "standard output"},
           {"tha4-pose", {"--character", c, "--poses", "demo", "--out", sheet}, "too large"},
           {"tha4-pose", {"--character", c, "--teachr", "x", "--out", sheet}, "did you mean '--teacher'?"},
           {"tha4-export",
            {"--character", c, "--to", "pt", "--out", (folder / "full").string()},
            "not empty"},
           {"tha4-export",
            {"--character", "procedural:1", "--to", "vrm", "--out", (folder / "me.vrm").string()},
            "me.png, which is there already"},
           {"tha4-pose",
            {"--character", c, "--out", (folder / "f").string(), "--json",
             (folder / "f/frame_000000.png").string()},
            "is called as a file of --out is"},
           {"tha4-distill",
            {"--teacher", c, "--out", (folder / "d").string(), "--json", (folder / "d/config.json").string()},
            "is called as a file of --out is"},
           {"tha4-eval", {"images", picture, picture, "--json", picture}, "reads and would be overwritten"},
           {"tha4-make-dataset",
            {"--characters", "procedural:2", "--out", (folder / "d").string(), "--preview", sheet, "--json",
             sheet},
            "is also --preview"}}) {
    const CommandResult result = run_command_line(bad.command, bad.arguments);
    EXPECT_EQ(result.status, 2) << bad.command << ": " << result.errors;
    EXPECT_NE(result.errors.find(bad.message), std::string::npos) << result.errors;
  }
  EXPECT_EQ(read_text_file(picture), before);
  EXPECT_EQ(read_text_file(poses), "[{}]");
}

TEST(StandardOutput, IsCheckedAtTheEnd) {
  const std::string picture = (small_character_folder() / "character.png").string();
  const std::string eval = std::string(THA4_BIN_DIR) + "/tha4-eval";
  const fs::path errors = fresh_folder("full_output") / "errors.txt";
  const std::string line =
      eval + " images --device cpu " + picture + " " + picture + " > /dev/full 2> " + errors.string();
  const int status = std::system(line.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_NE(read_text_file(errors).find("cannot write to standard output"), std::string::npos)
      << read_text_file(errors);
}

TEST(Pictures, ComeFromPipesToo) {
  const fs::path folder = fresh_folder("pipes");
  const std::string picture = (small_character_folder() / "character.png").string();
  const std::string eval = std::string(THA4_BIN_DIR) + "/tha4-eval";
  const std::string line = "cat " + picture + " | " + eval + " images -q --device cpu /dev/stdin " + picture +
                           " > " + (folder / "out.txt").string();
  EXPECT_EQ(std::system(line.c_str()), 0);
  EXPECT_NE(read_text_file(folder / "out.txt").find("inf"), std::string::npos);
}

}  // namespace
}  // namespace tha4
