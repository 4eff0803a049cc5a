#include "tha4/base/short_spins.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <semaphore>
#include <thread>

#include <dlfcn.h>
#include <unistd.h>

namespace tha4 {
namespace {

// What compilers call for "#pragma omp parallel", and OpenMP's number of cores.
using RunParallel = void (*)(void (*)(void*), void*, unsigned, unsigned);
using CountCores = int (*)();

/// libgomp reads its variables as it is loaded, before any code of a program, and has no function for them.
/// But it spins a short time only where there are more threads than cores. So a thread of ours makes it start
/// as many as there are cores, which then sleep for good; any others make it more.
void park_threads(RunParallel run_parallel, int cores) {
  static std::binary_semaphore ready(0);
  static std::binary_semaphore never(0);
  std::thread([=] {
    run_parallel([](void*) {}, nullptr, static_cast<unsigned>(cores), 0);
    ready.release();
    never.acquire();
  }).detach();
  ready.acquire();
}

bool is_set_by_user() {
  return std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr;
}

}  // namespace

void restart_with_short_spins(char** arguments) {
  if (is_set_by_user() || std::thread::hardware_concurrency() < 2) return;
  ::setenv("GOMP_SPINCOUNT", "10000", 1);
  ::execv("/proc/self/exe", arguments);
  ::unsetenv("GOMP_SPINCOUNT");
}

void shorten_spins() {
  static std::once_flag is_done;
  std::call_once(is_done, [] {
    if (is_set_by_user()) return;
    const auto run_parallel = reinterpret_cast<RunParallel>(::dlsym(RTLD_DEFAULT, "GOMP_parallel"));
    const auto count_cores = reinterpret_cast<CountCores>(::dlsym(RTLD_DEFAULT, "omp_get_num_procs"));
    if (run_parallel == nullptr || count_cores == nullptr) return;
    const int cores = count_cores();
    if (cores > 1) park_threads(run_parallel, cores);
  });
}

}  // namespace tha4
