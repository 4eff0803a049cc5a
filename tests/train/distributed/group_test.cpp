#include <array>
#include <cstdlib>
#include <map>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <torch/types.h>
#include <unistd.h>

#include "tha4/base/atomic_file.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

struct MemberResult {
  int status = -1;  ///< exit status, or 128 + signal
  std::string errors;
};

int free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(listener, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(listener);
  return ntohs(address.sin_port);
}

fs::path scratch(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / "train_distributed";
  fs::create_directories(folder);
  return folder / name;
}

/// Starts the processes of a group as a launcher would and waits for all of them.
std::vector<MemberResult> run_group(const std::string& scenario, int size, const fs::path& out = "unused") {
  const std::string port = std::to_string(free_port());
  std::vector<pid_t> processes;
  for (int rank = 0; rank < size; ++rank) {
    const pid_t process = ::fork();
    if (process == 0) {
      ::setenv("WORLD_SIZE", std::to_string(size).c_str(), 1);
      ::setenv("RANK", std::to_string(rank).c_str(), 1);
      ::setenv("MASTER_ADDR", "127.0.0.1", 1);
      ::setenv("MASTER_PORT", port.c_str(), 1);
      ::setenv("OMP_NUM_THREADS", "1", 1);
      const fs::path errors = scratch("errors_" + std::to_string(rank));
      ::dup2(::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), STDERR_FILENO);
      ::execl((std::string(THA4_BIN_DIR) + "/group_member").c_str(), "group_member", scenario.c_str(),
              out.c_str(), nullptr);
      ::_exit(127);
    }
    processes.push_back(process);
  }
  std::vector<MemberResult> results;
  for (int rank = 0; rank < size; ++rank) {
    int status = 0;
    ::waitpid(processes[static_cast<std::size_t>(rank)], &status, 0);
    results.push_back({WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                       read_text_file(scratch("errors_" + std::to_string(rank)))});
  }
  return results;
}

void expect_success(const std::vector<MemberResult>& results) {
  for (const MemberResult& result : results) EXPECT_EQ(result.status, 0) << result.errors;
}

/// That exactly one process speaks, in one line with these words, and that none says that it succeeded.
void expect_one_message(const std::vector<MemberResult>& results, const std::vector<std::string>& words) {
  std::string errors;
  for (const MemberResult& result : results) {
    EXPECT_NE(result.status, 0);
    errors += result.errors;
  }
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
  for (const std::string& word : words) EXPECT_NE(errors.find(word), std::string::npos) << errors;
}

TEST(ProcessGroup, TwoProcessesLearnWhatOneDoes) {
  const fs::path one = scratch("one.safetensors"), two = scratch("two.safetensors");
  expect_success(run_group("train", 1, one));
  expect_success(run_group("train", 2, two));
  const StateDict of_one = read_safetensors(one), of_two = read_safetensors(two);
  ASSERT_EQ(of_one.size(), 4U);
  for (const auto& item : of_one) {
    const double scale = item.value().abs().max().item<double>();
    EXPECT_LE((item.value() - of_two[item.key()]).abs().max().item<double>(), 1e-6 * scale) << item.key();
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

TEST(ProcessGroup, KilledProcessEndsAllAndIsNamed) {
  const auto results = run_group("killed", 3);
  EXPECT_EQ(results[1].status, 128 + SIGKILL);
  expect_one_message(results, {"rank 1 no longer answers"});
}

}  // namespace
}  // namespace tha4
