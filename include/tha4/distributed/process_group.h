#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/util/intrusive_ptr.h>

#include "tha4/base/error.h"
#include "tha4/distributed/process_rank.h"

namespace c10d {
class ProcessGroup;
}

namespace tha4 {

/// Another process of the group has failed, or can no longer be reached. what() names its rank and, where it
/// is known, the cause.
class GroupError : public Error {
 public:
  using Error::Error;
};

/// The processes that train together, by c10d: gradients and weights go by NCCL between GPUs and by Gloo
/// between CPUs, small things always by Gloo. All members but rank(), size() and fail() are collective: every
/// process must call them, in the same order. They throw GroupError when a process has failed or does not
/// come within the time-out.
class ProcessGroup {
 public:
  /// One process alone: nothing is sent.
  ProcessGroup();

  /// Waits for the others to come.
  /// \param device   where this process computes
  /// \param timeout  how long the others may keep this process waiting
  ProcessGroup(const ProcessRank& process, c10::Device device, std::chrono::milliseconds timeout);
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  int rank() const;
  int size() const;
  bool is_first() const { return rank() == 0; }

  /// Gives all processes the values that the tensors have in the first one. All on this process' device.
  void broadcast(const std::vector<at::Tensor>& tensors);

  /// The text of the first process.
  std::string broadcast(const std::string& text);

  /// The texts of all processes, by rank.
  std::vector<std::string> gather(const std::string& text);

  /// The highest of the values that all processes gave when they called this the time before; 0 the first
  /// time. Asking again and again, once a step, all processes learn of it after the same step and none waits.
  /// One process alone gets its own value at once.
  int highest_before(int value);

  /// Tells the other processes why this one fails, so that all end. Returns whether this process is the one
  /// to tell the user: that is so for the first to fail alone. To be called once, before the process ends.
  bool fail(const std::string& cause);

  /// Runs \p exchange, which waits for the other processes, and turns whatever goes wrong with them into
  /// GroupError. What goes wrong in this one, while all others live, is thrown as it is.
  void guard(const std::function<void()>& exchange);

  /// What gradients are reduced by; null for one process alone.
  const c10::intrusive_ptr<c10d::ProcessGroup>& gradients() const;

 private:
  class Members;
  std::unique_ptr<Members> members_;
};

/// Runs what one process of \p group does and returns the exit status. Where it fails, the other processes
/// are told, and end as well; the error is thrown on, with the rank, by the process that failed first, and
/// the others stay silent. What interrupted all of them is thrown on by the first process.
int run_together(ProcessGroup& group, const std::function<int()>& work);

}  // namespace tha4
