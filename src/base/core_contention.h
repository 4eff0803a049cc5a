#pragma once

#include "core_times.h"

namespace tha4 {

/// Whether other processes want the cores that this one runs on: its threads wait for a core, and others use
/// them. Threads of its own that are more than the cores, as those of OpenGL in software are, do not count.
class CoreContention {
 public:
  /// \param now  core_times(), a fifth of a second or so after the call before
  /// \return     whether cores are contended for. It begins where a tenth of the time since the call before
  ///             was spent waiting, and a tenth of what the cores did was others', and ends after ten calls
  ///             with a fiftieth of waiting at most (what waits sleeps soon meanwhile, so that less of it is
  ///             seen), or a twentieth of others (ticks are counted, and there are few of them). Where nobody
  ///             counts what the cores do, waiting alone decides.
  bool update(const CoreTimes& now);

 private:
  CoreTimes before_;
  bool is_there_ = false;
  int quiet_calls_ = 0;
};

}  // namespace tha4
