#include "tha4/base/short_spins.h"

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>

#include "core_contention.h"
#include "parked_threads.h"

namespace tha4 {
namespace {

bool is_set_by_user() {
  return std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr;
}

[[noreturn]] void watch_cores() {
  constexpr std::chrono::milliseconds kPeriod(200);
  CoreContention contention;
  std::optional<ParkedThreads> parked;
  for (;; std::this_thread::sleep_for(kPeriod)) {
    const std::optional<CoreTimes> times = core_times();
    const bool should_sleep = !times || contention.update(*times);
    if (should_sleep && !parked) parked.emplace();
    if (!should_sleep) parked.reset();
  }
}

}  // namespace

void shorten_spins_on_shared_cores() {
  static std::once_flag is_done;
  std::call_once(is_done, [] {
    if (!is_set_by_user() && std::thread::hardware_concurrency() > 1) std::thread(watch_cores).detach();
  });
}

}  // namespace tha4
