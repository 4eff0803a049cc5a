#include <algorithm>
#include <csignal>
#include <filesystem>

#include "cli/command_group.h"
#include <torch/types.h>

#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

fs::path scratch(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / "train_distributed";
  fs::create_directories(folder);
  return folder / name;
}

std::vector<CommandResult> run_group(const std::string& scenario, int size, const fs::path& out = "unused") {
  return run_command_group("group_member", {scenario, out.string()}, size);
}

/// That exactly one process speaks, in one line with these words, and that none says that it succeeded.
void expect_one_message(const std::vector<CommandResult>& results, const std::vector<std::string>& words) {
  std::string errors;
  for (const CommandResult& result : results) {
    EXPECT_NE(result.status, 0);
    errors += result.errors;
  }
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
  for (const std::string& word : words) EXPECT_NE(errors.find(word), std::string::npos) << errors;
}

TEST(ProcessGroup, TwoProcessesLearnWhatOneDoes) {
  const fs::path one = scratch("one.safetensors"), two = scratch("two.safetensors");
  expect_success(run_group("train", 1, one));
  const StateDict of_one = read_safetensors(one);
  ASSERT_EQ(of_one.size(), 4U);
  for (const std::string scenario : {"train", "train_averaging"}) {
    expect_success(run_group(scenario, 2, two));
    const StateDict of_two = read_safetensors(two);
    for (const auto& item : of_one) {
      const double scale = item.value().abs().max().item<double>();
      EXPECT_LE((item.value() - of_two[item.key()]).abs().max().item<double>(), 1e-6 * scale)
          << scenario << " " << item.key();
    }
  }
}

TEST(ProcessGroup, TextsReachAllProcesses) {
  expect_success(run_group("texts", 3));
}

TEST(ProcessGroup, AllStopAfterTheSameStep) {
  expect_success(run_group("stop", 3));
}

TEST(ProcessGroup, WeightsThatDifferAreNoticed) {
  expect_one_message(run_group("differ", 2), {"the weights of rank 1", "resume"});
}

TEST(ProcessGroup, ProcessThatFailsEndsAllWithItsRankAndCause) {
  expect_one_message(run_group("bad_data", 3), {"rank 1: its data is bad"});
}

// Whatever is thrown while gradients are being sent, the process in which it happened is named, not the one
// that had come to the fewest exchanges by then.
TEST(ProcessGroup, FailureOfOwnBackwardIsNotTakenForThatOfAnotherProcess) {
  expect_one_message(run_group("backward_fails", 2), {"rank 1: its card is broken"});
}

TEST(ProcessGroup, ErrorOfLibTorchIsSaidInOneLine) {
  expect_one_message(run_group("backward_lacks_memory", 2), {"rank 1: the device has not enough memory"});
}

TEST(ProcessGroup, LossThatIsNotFiniteIsNamedByItsRank) {
  const fs::path out = scratch("diverging");
  fs::remove_all(out);
  expect_one_message(run_group("diverge", 2, out),
                     {"diverging: the loss became nan on rank 1", "learn slower"});
}

TEST(ProcessGroup, KilledProcessEndsAllAndIsNamed) {
  const auto results = run_group("killed", 3);
  EXPECT_EQ(results[1].status, 128 + SIGKILL);
  expect_one_message(results, {"rank 1 no longer answers"});
}

TEST(ProcessGroup, KilledProcessEndsThoseThatWaitElsewhere) {
  const auto results = run_group("blocked", 3);
  EXPECT_EQ(results[1].status, 128 + SIGKILL);
  expect_one_message(results, {"rank 1 no longer answers"});
}

}  // namespace
}  // namespace tha4
