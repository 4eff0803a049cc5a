#pragma once

#include <optional>

namespace tha4 {

/// What threads have done so far, in seconds: run, and waited for a core while another thread, of this
/// process or another, was running there.
struct ThreadTimes {
  double running = 0;
  double waiting = 0;
};

/// Of all threads of this process that live; nothing where the kernel does not count it (proc_pid_schedstat).
std::optional<ThreadTimes> thread_times();

/// Whether more threads want the cores than there are, told by how long those of this process wait for one.
class CoreContention {
 public:
  /// \param now  thread_times(), a fifth of a second or so after the call before
  /// \return     whether cores are contended for. It begins with a tenth of the time since the call before
  ///             spent waiting, and ends after two hundredths and less for ten calls: what waits sleeps soon
  ///             meanwhile, so that less of it is seen.
  bool update(const ThreadTimes& now);

 private:
  ThreadTimes before_;
  bool is_there_ = false;
  int quiet_calls_ = 0;
};

}  // namespace tha4
