#include "command_files.h"

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

TEST(CommandFiles, WhatCannotBeWrittenIsNoticed) {
  const fs::path folder = fresh_folder("command_files_blocked");
  write_text_file(folder / "file", "x");
  expect_problem(CommandFiles().writes("--out", folder), "cannot write");
  expect_problem(CommandFiles().writes("--out", folder / "file" / "a" / "b.png"), "is a file, not a folder");
  expect_problem(CommandFiles().fills("--out", folder / "file" / "frames"), "is a file, not a folder");
  EXPECT_EQ(problem_of(CommandFiles().writes("--out", folder / "new" / "b.png")), "");
  EXPECT_FALSE(fs::exists(folder / "new")) << "nothing is made before the work";
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
