#pragma once

#include <optional>

namespace tha4 {

/// What has happened on the processor's cores so far, in seconds.
struct CoreTimes {
  double running = 0;  ///< of this process' threads, those that have ended among them
  double waiting = 0;  ///< of its threads that live: for a core while another thread was running there
  double busy = 0;     ///< of the cores that it may run on, whoever's threads it was; 0 where nobody counts
};

/// \return nothing where the kernel does not count how long threads wait (proc_pid_schedstat). Takes no
///         memory, which players promise not to do while they play.
std::optional<CoreTimes> core_times();

}  // namespace tha4
