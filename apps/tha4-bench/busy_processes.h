#pragma once

#include <vector>

#include <sys/types.h>

namespace tha4::app {

/// Processes that compute without end, each as much as the system lets it, while this lives: what else runs
/// on a user's machine. They end with this process, however that ends.
class BusyProcesses {
 public:
  /// Throws Error where the system does not start them.
  explicit BusyProcesses(int count);
  ~BusyProcesses();
  BusyProcesses(const BusyProcesses&) = delete;
  BusyProcesses& operator=(const BusyProcesses&) = delete;

 private:
  void end();

  std::vector<pid_t> processes_;
};

}  // namespace tha4::app
