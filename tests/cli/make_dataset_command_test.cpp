#include <csignal>
#include <map>
#include <thread>

#include "command_runner.h"

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/data/dataset_reader.h"
#include "tha4/image/image_io.h"
#include "tha4/rig/generator.h"
#include "tha4/rig/vrm.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> tiny_arguments(const fs::path& out) {
  return {"--characters", "procedural:4:7", "--poses-per-character", "2",     "--test-fraction",
          "0.3",          "--set",          "samples_per_shard=2",   "--out", out.string()};
}

CommandResult make_tiny_dataset(const fs::path& out, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = tiny_arguments(out);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command_line("tha4-make-dataset", arguments);
}

/// The finished files of a dataset, with their contents.
std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().filename().string()] = read_text_file(entry.path());
  }
  return files;
}

/// Written once for all tests of the process.
const fs::path& tiny_dataset() {
  static const fs::path folder = [] {
    const fs::path out = fresh_folder("dataset") / "tiny";
    const CommandResult result = make_tiny_dataset(out);
    EXPECT_EQ(result.status, 0) << result.errors;
    return out;
  }();
  return folder;
}

TEST(MakeDatasetCommand, DrawsCharactersThatMove) {
  const fs::path folder = fresh_folder("dataset_preview");
  const CommandResult again = make_tiny_dataset(
      tiny_dataset(),
      {"--preview", (folder / "sheet.png").string(), "--json", (folder / "counts.json").string()});
  ASSERT_EQ(again.status, 0) << again.errors;
  EXPECT_NE(again.errors.find("finished already"), std::string::npos) << again.errors;
  EXPECT_GT(read_image(folder / "sheet.png").width, 512);
  EXPECT_EQ(read_json_file(folder / "counts.json")["triples"], 8);
  EXPECT_EQ(read_json_file(folder / "counts.json")["written_now"], 0);

  const Dataset dataset = open_dataset(tiny_dataset());
  EXPECT_EQ(dataset.train_characters.size() + dataset.test_characters.size(), 4U);
  DatasetReader reader(dataset, {});
  for (int i = 0; i < 4; ++i) {
    const Triple triple = reader.next();
    EXPECT_NE(triple.rest.pixels, triple.posed.pixels) << triple.key;
    EXPECT_EQ(triple.rest.pixels[3], 0) << "the corner of a rest image is transparent";
    EXPECT_EQ(triple.rest.pixels[(std::size_t{128} * 512 + 256) * 4 + 3], 255) << "the head is in the middle";
  }
}

TEST(MakeDatasetCommand, JobsOfAnArrayWriteTheSameDataset) {
  const fs::path out = fresh_folder("dataset_array") / "tiny";
  const CommandResult first = make_tiny_dataset(out, {"--shard", "1/2"});
  ASSERT_EQ(first.status, 0) << first.errors;
  EXPECT_NE(first.errors.find("still missing"), std::string::npos) << first.errors;
  EXPECT_FALSE(fs::exists(out / "dataset.json"));
  ASSERT_EQ(make_tiny_dataset(out, {"--shard", "2/2", "--threads", "1"}).status, 0);
  EXPECT_EQ(files_of(out), files_of(tiny_dataset()));
}

TEST(MakeDatasetCommand, AJobWithoutShardsDoesWithoutAPreview) {
  const fs::path folder = fresh_folder("dataset_preview_none");
  const CommandResult result =
      make_tiny_dataset(folder / "tiny", {"--shard", "40/40", "--preview", (folder / "sheet.png").string(),
                                          "--json", (folder / "counts.json").string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("has no shards to show"), std::string::npos) << result.errors;
  EXPECT_FALSE(fs::exists(folder / "sheet.png"));
  EXPECT_EQ(read_json_file(folder / "counts.json")["triples"], 0);
}

TEST(MakeDatasetCommand, SaysBeforeTheWorkThatAFileCannotBeWritten) {
  const fs::path folder = fresh_folder("dataset_unwritable");
  write_text_file(folder / "file", "");
  for (const char* option : {"--preview", "--json"}) {
    const CommandResult result =
        make_tiny_dataset(folder / "tiny", {option, (folder / "file" / "x.png").string()});
    EXPECT_EQ(result.status, 1) << result.errors;
    EXPECT_FALSE(fs::exists(folder / "tiny")) << option;
  }
}

TEST(MakeDatasetCommand, SaysThatNoCharacterIsForTests) {
  const fs::path out = fresh_folder("dataset_tests");
  const CommandResult result =
      run_command_line("tha4-make-dataset", {"--characters", "procedural:1", "--test-fraction", "0.000001",
                                             "--poses-per-character", "1", "--out", (out / "d").string()});
  EXPECT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("none of the 1 characters is for tests"), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("--test-fraction"), std::string::npos) << result.errors;
}

TEST(MakeDatasetCommand, KilledOrInterruptedItGoesOn) {
  for (const int signal : {SIGKILL, SIGINT}) {
    const fs::path folder = fresh_folder("dataset_killed");
    const fs::path out = folder / "tiny";
    // One thread: with more, all could be drawn before the first shard is seen.
    std::vector<std::string> arguments = tiny_arguments(out);
    arguments.insert(arguments.end(), {"--threads", "1"});
    RunningCommand running("tha4-make-dataset", arguments, folder / "errors");
    const auto has_shard = [&] { return fs::exists(out / "parts") && !fs::is_empty(out / "parts"); };
    while (running.is_running() && !has_shard()) std::this_thread::yield();
    running.send(signal);
    EXPECT_EQ(running.wait(), signal == SIGINT ? 130 : 128 + SIGKILL) << read_text_file(folder / "errors");
    EXPECT_FALSE(fs::exists(out / "dataset.json"));
    const CommandResult resumed = make_tiny_dataset(out);
    ASSERT_EQ(resumed.status, 0) << resumed.errors;
    EXPECT_EQ(files_of(out), files_of(tiny_dataset()));
  }
}

TEST(MakeDatasetCommand, DrawsAFolderOfAvatarsAndLeavesOutBrokenOnes) {
  const fs::path folder = fresh_folder("dataset_avatars");
  const fs::path avatars = folder / "avatars";
  write_vrm(generate_rig(7), avatars / "\u521d\u97f3.vrm");  // ids hold ASCII alone
  write_text_file(avatars / "broken.VRM", "glTF");
  write_text_file(avatars / "notes.txt", "not an avatar");
  const fs::path out = folder / "dataset";
  const CommandResult result =
      run_command_line("tha4-make-dataset", {"--characters", avatars.string(), "--poses-per-character", "2",
                                             "--test-fraction", "0", "--out", out.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.errors.find("broken.VRM"), std::string::npos) << result.errors;
  const Dataset dataset = open_dataset(out);
  ASSERT_EQ(dataset.train_characters.size(), 1U);
  EXPECT_EQ(sample_count(dataset, Split::train), 2U);
  EXPECT_EQ(read_json_file(out / "dataset.json")["skipped_characters"][0]["character"], "vrm-broken");
  DatasetReader reader(dataset, {});
  EXPECT_EQ(reader.next().character, dataset.train_characters.front());
}

TEST(MakeDatasetCommand, SaysInOneLineWhatIsWrong) {
  const fs::path folder = fresh_folder("dataset_bad");
  write_text_file(folder / "full" / "letter.txt", "dear");
  fs::create_directories(folder / "no_models");
  const std::string out = (folder / "x").string();
  const std::vector<BadUsage> cases = {
      {{"--out", out}, "--characters"},
      {{"--characters", "procedural:0", "--out", out}, "procedural:N[:SEED]"},
      {{"--characters", "procedural:5:", "--out", out}, "procedural:N[:SEED]"},
      {{"--characters", "procedural:5:99999999999999999999", "--out", out}, "procedural:N[:SEED]"},
      {{"--characters", (folder / "none").string(), "--out", out}, "none"},
      {{"--characters", (folder / "no_models").string(), "--out", out}, "no_models"},
      {{"--characters", "procedural:5"}, "--out"},
      {{"--characters", "procedural:5", "--out", out, "--shard", "3/2"}, "I/N"},
      {{"--characters", "procedural:5", "--out", out, "--format", "gif"}, "png"},
      {{"--characters", "procedural:5", "--out", out, "--preview", "sheet.gif"}, "--preview sheet.gif"},
      {{"--characters", "procedural:5", "--out", out, "--device", "bogus"}, "--device bogus is not a device"},
      {{"--characters", "procedural:5", "--out", out, "--test-fraction", "2"}, "test_fraction"},
      {{"--characters", "procedural:5", "--out", out, "--poses-per-character", "0"}, "poses_per_character"},
      {{"--characters", "procedural:5", "--out", out, "--set", "poses.heads=1"}, "poses"},
      {{"--characters", "procedural:5", "--out", out, "--preset", "standart"}, "did you mean 'standard'?"},
      {{"--characters", "procedural:5", "--out", (folder / "full").string()}, "holds no dataset"},
      {{"--characters", "procedural:5", "--out", tiny_dataset().string()}, "characters.count is 4 there"},
  };
  for (const BadUsage& usage : cases) {
    const CommandResult result = run_command_line("tha4-make-dataset", usage.arguments);
    EXPECT_EQ(result.status, 2) << usage.message << "\n" << result.errors;
    EXPECT_NE(result.errors.find(usage.message), std::string::npos) << result.errors;
  }
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace tha4
