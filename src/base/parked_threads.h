#pragma once

#include <semaphore>
#include <thread>

namespace tha4 {

/// Threads of libgomp that sleep, as many as there are cores: while they are there, libgomp's others spin a
/// thousandth of the time that they wait for each other otherwise. It spins so where there are more of its
/// threads than cores; its variables are read while it is loaded, and it has no function for them.
class ParkedThreads {
 public:
  /// There are none where libgomp is not loaded, or with one core.
  ParkedThreads();
  ~ParkedThreads();
  ParkedThreads(const ParkedThreads&) = delete;
  ParkedThreads& operator=(const ParkedThreads&) = delete;

 private:
  std::binary_semaphore are_parked_{0}, is_over_{0};
  std::thread owner_;  ///< of the others: libgomp ends them when it ends
};

}  // namespace tha4
