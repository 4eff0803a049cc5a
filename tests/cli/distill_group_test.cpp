// tha4-distill by several processes, as a launcher starts them.

#include <algorithm>
#include <csignal>
#include <thread>

#include "command_group.h"
#include "command_runner.h"
#include <torch/types.h>

#include "tha4/base/config.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

Words arguments_for(const fs::path& out, const std::string& settings, const Words& more = {}) {
  Words arguments = {"--device",  "cpu",
                     "--teacher", small_character_folder().string(),
                     "--config",  std::string(THA4_FIXTURES_DIR) + "/distill/" + settings,
                     "--out",     out.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Of both networks of two characters, the largest difference of a weight as a fraction of its tensor's
/// largest.
double largest_difference(const fs::path& a, const fs::path& b) {
  double largest = 0;
  for (const char* file : {"face_morpher.pt", "body_morpher.pt"}) {
    const StateDict left = read_weights(a / file), right = read_weights(b / file);
    EXPECT_EQ(left.size(), right.size());
    for (const auto& item : left) {
      const double scale = std::max(1e-3, item.value().abs().max().item<double>());
      largest = std::max(largest, (item.value() - right[item.key()]).abs().max().item<double>() / scale);
    }
  }
  return largest;
}

/// By kernels, from frames that the teacher makes beforehand, and by layers, from fresh ones.
TEST(DistillGroup, TwoProcessesMakeTheCharacterOfOne) {
  for (const std::string settings : {"tiny_siren_frames.json", "tiny_siren.json"}) {
    const fs::path folder = fresh_folder("distill_two");
    const CommandResult alone = run_command_line("tha4-distill", arguments_for(folder / "one", settings));
    ASSERT_EQ(alone.status, 0) << alone.errors;
    const auto results = run_command_group("tha4-distill", arguments_for(folder / "two", settings), 2);
    expect_success(results);
    EXPECT_EQ(results[1].errors, "") << "the first process tells";
    EXPECT_LE(largest_difference(folder / "one", folder / "two"), 1e-3) << settings;
    const auto report = read_json_file(folder / "two" / "report.json");
    EXPECT_TRUE(report["held_out"].contains("student_face_psnr"));
  }
}

TEST(DistillGroup, InterruptedAndResumedReachesTheSameWeights) {
  const fs::path folder = fresh_folder("distill_group_resume");
  const std::string settings = "tiny_siren_frames.json";
  expect_success(run_command_group("tha4-distill", arguments_for(folder / "whole", settings), 2));
  const fs::path out = folder / "parts";
  auto running = start_command_group("tha4-distill", arguments_for(out, settings), 2, folder);
  const auto has_checkpoint = [&] {
    return fs::exists(out / "checkpoints") && !fs::is_empty(out / "checkpoints");
  };
  while (running[0].is_running() && !has_checkpoint()) std::this_thread::yield();
  for (const RunningCommand& process : running) process.send(SIGTERM);
  const auto stopped = wait_for_group(running, folder);
  for (const CommandResult& result : stopped) EXPECT_EQ(result.status, 130) << result.errors;
  EXPECT_NE(stopped[0].errors.find("It can be played"), std::string::npos) << stopped[0].errors;
  EXPECT_EQ(stopped[1].errors, "");
  expect_success(run_command_group("tha4-distill", arguments_for(out, settings, {"--resume"}), 2));
  EXPECT_EQ(largest_difference(folder / "whole", out), 0);
}

// What all processes would say is said once.
TEST(DistillGroup, ProblemOfAllProcessesIsToldOnce) {
  const fs::path out = fresh_folder("distill_group_bad") / "character";
  const auto expect_told_once = [&](const Words& arguments, int size, const std::string& words) {
    const auto results = run_command_group("tha4-distill", arguments, size);
    const std::string errors = errors_of(results);
    for (const CommandResult& result : results) EXPECT_NE(result.status, 0) << errors;
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
    EXPECT_NE(errors.find(words), std::string::npos) << errors;
  };
  expect_told_once(arguments_for(out, "tiny_blendshape.json"), 2, "start a single one, or choose SIRENs");
  expect_told_once(arguments_for(out, "tiny_siren.json"), 3,
                   "face_morpher.batch 2 cannot be shared equally by 3 processes; start another number of "
                   "them, or --set face_morpher.batch=...");
  expect_told_once(arguments_for(out, "tiny_siren.json", {"--set", "body_rotator.batches=2"}), 2,
                   "did you mean 'batch'?");
  expect_told_once(arguments_for(out, "tiny_siren.json", {"--resume"}), 2, "holds no run to resume");
  EXPECT_FALSE(fs::exists(out));
}

TEST(DistillGroup, ProcessThatIsKilledEndsAll) {
  const fs::path folder = fresh_folder("distill_group_killed"), out = folder / "character";
  // The first process looks long at the face, for which the other one waits.
  auto running = start_command_group(
      "tha4-distill", arguments_for(out, "tiny_siren.json", {"--set", "mask_poses=1000"}), 2, folder);
  while (running[0].is_running() && !fs::exists(out / "config.json")) std::this_thread::yield();
  running[1].send(SIGKILL);
  const auto results = wait_for_group(running, folder);
  EXPECT_EQ(results[0].status, 1) << results[0].errors;
  EXPECT_NE(results[0].errors.find("rank 1 no longer answers"), std::string::npos) << results[0].errors;
}

}  // namespace
}  // namespace tha4
