#include "parked_threads.h"

#include <dlfcn.h>

namespace tha4 {
namespace {

// What compilers call for "#pragma omp parallel", and OpenMP's number of cores.
using RunParallel = void (*)(void (*)(void*), void*, unsigned, unsigned);
using CountCores = int (*)();

}  // namespace

ParkedThreads::ParkedThreads() {
  const auto run_parallel = reinterpret_cast<RunParallel>(::dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  const auto count_cores = reinterpret_cast<CountCores>(::dlsym(RTLD_DEFAULT, "omp_get_num_procs"));
  if (run_parallel == nullptr || count_cores == nullptr) return;
  const int cores = count_cores();
  if (cores < 2) return;
  owner_ = std::thread([this, run_parallel, cores] {
    run_parallel([](void*) {}, nullptr, static_cast<unsigned>(cores), 0);
    are_parked_.release();
    is_over_.acquire();
  });
  are_parked_.acquire();
}

ParkedThreads::~ParkedThreads() {
  if (!owner_.joinable()) return;
  is_over_.release();
  owner_.join();
}

}  // namespace tha4
