#pragma once

#include <semaphore>

#include <pthread.h>

namespace tha4 {

/// Threads of libgomp that sleep, as many as there are cores: while they are there, libgomp's others spin a
/// thousandth of the time that they wait for each other otherwise. It spins so where there are more of its
/// threads than cores; its variables are read while it is loaded, and it has no function for them.
class ParkedThreads {
 public:
  /// There are none where libgomp is not loaded, with one core, or where the system gives no more threads.
  ParkedThreads();
  ~ParkedThreads();
  ParkedThreads(const ParkedThreads&) = delete;
  ParkedThreads& operator=(const ParkedThreads&) = delete;

 private:
  /// What compilers call for "#pragma omp parallel".
  using RunParallel = void (*)(void (*)(void*), void*, unsigned, unsigned);

  void wait_with_threads();

  RunParallel run_parallel_ = nullptr;
  int cores_ = 0;
  std::binary_semaphore are_parked_{0}, is_over_{0};
  // Of the others: libgomp ends them when it ends. std::thread would take memory, which players promise not
  // to take while they play, and throw.
  pthread_t owner_{};
  bool has_owner_ = false;
};

}  // namespace tha4
