#include "parked_threads.h"

#include <dlfcn.h>

namespace tha4 {
namespace {

using CountCores = int (*)();

}  // namespace

ParkedThreads::ParkedThreads() {
  run_parallel_ = reinterpret_cast<RunParallel>(::dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  const auto count_cores = reinterpret_cast<CountCores>(::dlsym(RTLD_DEFAULT, "omp_get_num_procs"));
  if (run_parallel_ == nullptr || count_cores == nullptr) return;
  cores_ = count_cores();
  if (cores_ < 2) return;
  const auto work = [](void* self) -> void* {
    static_cast<ParkedThreads*>(self)->wait_with_threads();
    return nullptr;
  };
  has_owner_ = ::pthread_create(&owner_, nullptr, work, this) == 0;
  if (has_owner_) are_parked_.acquire();
}

ParkedThreads::~ParkedThreads() {
  if (!has_owner_) return;
  is_over_.release();
  ::pthread_join(owner_, nullptr);
}

void ParkedThreads::wait_with_threads() {
  run_parallel_([](void*) {}, nullptr, static_cast<unsigned>(cores_), 0);
  are_parked_.release();
  is_over_.acquire();
}

}  // namespace tha4
