#include "busy_processes.h"

#include <csignal>
#include <cstdint>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tha4/base/error.h"

namespace tha4::app {
namespace {

/// In a process of its own, which other threads' locks may have been copied to: takes no memory, calls
/// nothing.
[[noreturn]] void compute_until_killed(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);  // it ended before it could be told of
  volatile std::uint32_t number = 1;
  while (true) number = number * 1664525U + 1013904223U;
}

}  // namespace

BusyProcesses::BusyProcesses(int count) {
  const pid_t parent = ::getpid();
  for (int i = 0; i < count; ++i) {
    const pid_t process = ::fork();
    if (process == 0) compute_until_killed(parent);
    if (process < 0) {
      end();
      throw Error("the system starts no more processes; use a smaller --beside");
    }
    processes_.push_back(process);
  }
}

BusyProcesses::~BusyProcesses() {
  end();
}

void BusyProcesses::end() {
  for (const pid_t process : processes_) {
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
  }
  processes_.clear();
}

}  // namespace tha4::app
