#include "core_contention.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace tha4 {

std::optional<ThreadTimes> thread_times() {
  constexpr double kSecondsPerNanosecond = 1e-9;
  std::error_code failure;
  std::optional<ThreadTimes> sum;
  std::filesystem::directory_iterator thread("/proc/self/task", failure);
  for (; !failure && thread != std::filesystem::directory_iterator(); thread.increment(failure)) {
    std::ifstream file(thread->path() / "schedstat");
    double running = 0, waiting = 0;
    if (!(file >> running >> waiting)) continue;  // it has ended since
    if (!sum) sum.emplace();
    sum->running += running * kSecondsPerNanosecond;
    sum->waiting += waiting * kSecondsPerNanosecond;
  }
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
