#include "core_contention.h"

namespace tha4 {

bool CoreContention::update(const CoreTimes& now) {
  constexpr double kMinRunning = 0.01, kBegins = 0.1, kWaitingEnds = 0.02, kOthersEnd = 0.05;
  constexpr int kQuietCalls = 10;
  const double running = now.running - before_.running, waiting = now.waiting - before_.waiting;
  const double busy = now.busy - before_.busy;
  before_ = now;
  // Threads that have ended took what they waited with them; and what hardly runs tells nothing.
  if (running < kMinRunning || waiting < 0) return is_there_;
  const double waited_fraction = waiting / (running + waiting);
  const double others_fraction = busy > 0 ? (busy - running) / busy : 1;
  const bool is_quiet = waited_fraction <= kWaitingEnds || others_fraction <= kOthersEnd;
  quiet_calls_ = is_quiet ? quiet_calls_ + 1 : 0;
  if (waited_fraction > kBegins && others_fraction > kBegins) is_there_ = true;
  if (quiet_calls_ >= kQuietCalls) is_there_ = false;
  return is_there_;
}

}  // namespace tha4
