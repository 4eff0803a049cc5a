#include "core_contention.h"

#include <array>
#include <cstdio>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace tha4 {
namespace {

constexpr double kSecondsPerNanosecond = 1e-9;

/// Of the thread whose folder below \p tasks has that name; nothing where it has ended since. C++'s streams
/// and paths would take memory, which players promise not to take while they play.
std::optional<ThreadTimes> times_of(int tasks, const char* thread) {
  std::array<char, sizeof(dirent::d_name) + sizeof("/schedstat")> name{};
  std::snprintf(name.data(), name.size(), "%s/schedstat", thread);
  const int file = ::openat(tasks, name.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::array<char, 128> text{};
  const ssize_t size = ::read(file, text.data(), text.size() - 1);
  ::close(file);
  unsigned long long running = 0, waiting = 0;
  if (size <= 0 || std::sscanf(text.data(), "%llu %llu", &running, &waiting) != 2) return std::nullopt;
  return ThreadTimes{static_cast<double>(running) * kSecondsPerNanosecond,
                     static_cast<double>(waiting) * kSecondsPerNanosecond};
}

}  // namespace

std::optional<ThreadTimes> thread_times() {
  DIR* const tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return std::nullopt;
  std::optional<ThreadTimes> sum;
  while (const dirent* const thread = ::readdir(tasks)) {
    if (thread->d_name[0] == '.') continue;
    const std::optional<ThreadTimes> times = times_of(::dirfd(tasks), thread->d_name);
    if (!times) continue;
    if (!sum) sum.emplace();
    sum->running += times->running;
    sum->waiting += times->waiting;
  }
  ::closedir(tasks);
  return sum;
}

bool CoreContention::update(const ThreadTimes& now) {
  constexpr double kLeastRunning = 0.01, kBegins = 0.1, kEnds = 0.02;
  constexpr int kQuietCalls = 10;
  const double running = now.running - before_.running, waiting = now.waiting - before_.waiting;
  before_ = now;
  // Threads that have ended took their times with them; and one that hardly runs tells nothing.
  if (running < kLeastRunning || waiting < 0) return is_there_;
  const double waited_share = waiting / (running + waiting);
  quiet_calls_ = waited_share > kEnds ? 0 : quiet_calls_ + 1;
  if (waited_share > kBegins) is_there_ = true;
  if (quiet_calls_ >= kQuietCalls) is_there_ = false;
  return is_there_;
}

}  // namespace tha4
