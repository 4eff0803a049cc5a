#include "command_group.h"

#include <cstdlib>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tha4/base/atomic_file.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

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

fs::path errors_of_rank(const fs::path& folder, int rank) {
  return folder / ("errors_" + std::to_string(rank));
}

}  // namespace

std::vector<RunningCommand> start_command_group(const std::string& command,
                                                const std::vector<std::string>& arguments, int size,
                                                const fs::path& folder) {
  ::setenv("WORLD_SIZE", std::to_string(size).c_str(), 1);
  ::setenv("MASTER_ADDR", "127.0.0.1", 1);
  ::setenv("MASTER_PORT", std::to_string(free_port()).c_str(), 1);
  ::setenv("OMP_NUM_THREADS", "1", 1);
  std::vector<RunningCommand> processes;
  for (int rank = 0; rank < size; ++rank) {
    ::setenv("RANK", std::to_string(rank).c_str(), 1);
    processes.emplace_back(command, arguments, errors_of_rank(folder, rank));
  }
  for (const char* name : {"WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "RANK", "OMP_NUM_THREADS"}) {
    ::unsetenv(name);
  }
  return processes;
}

std::vector<CommandResult> wait_for_group(std::vector<RunningCommand>& processes, const fs::path& folder) {
  std::vector<CommandResult> results;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const int status = processes[i].wait();
    results.push_back({status, "", read_text_file(errors_of_rank(folder, static_cast<int>(i)))});
  }
  return results;
}

std::vector<CommandResult> run_command_group(const std::string& command,
                                             const std::vector<std::string>& arguments, int size) {
  const fs::path folder = fresh_folder("group");
  auto processes = start_command_group(command, arguments, size, folder);
  return wait_for_group(processes, folder);
}

std::string errors_of(const std::vector<CommandResult>& results) {
  std::string errors;
  for (const CommandResult& result : results) errors += result.errors;
  return errors;
}

void expect_success(const std::vector<CommandResult>& results) {
  for (const CommandResult& result : results) EXPECT_EQ(result.status, 0) << result.errors;
}

}  // namespace tha4
