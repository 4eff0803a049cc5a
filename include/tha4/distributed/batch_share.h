#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/distributed/process_group.h"

namespace tha4 {

/// Throws InputError, of Remedy::other_batch, where processes cannot share a batch equally.
/// \param setting  whose value it is, which the remedy is about
void check_equal_shares(int batch, int processes, const std::string& setting);

/// The part of every batch that is one process': as many examples in each, in the order of their ranks. A
/// value; the group must outlive all that have one. Members that give or change something in all processes
/// are collective: they throw GroupError as those of ProcessGroup do.
class BatchShare {
 public:
  /// Of one process alone, which has all.
  BatchShare() = default;
  explicit BatchShare(ProcessGroup& group) : group_(group.size() > 1 ? &group : nullptr) {}

  int processes() const { return group_ == nullptr ? 1 : group_->size(); }
  int rank() const { return group_ == nullptr ? 0 : group_->rank(); }

  /// Examples of a batch that are this process', and the first one of them.
  int of(int batch) const { return batch / processes(); }
  int begin(int batch) const { return rank() * of(batch); }

  /// The rows of \p batch (its first dimension) that are this process'.
  at::Tensor part(const at::Tensor& batch) const;

  /// Gives \p values, contiguous and on this process' device, their sums or means over the processes, the
  /// same bits in each. On a GPU that is queued on LibTorch's present stream, and can be captured by a
  /// CudaGraph after it was done once.
  void sum(const at::Tensor& values) const;
  void average(const at::Tensor& values) const;

  /// Likewise the means of many tensors, of any strides, in one message.
  void average(const std::vector<at::Tensor>& tensors) const;

  /// What all processes have of a contiguous tensor that has the same sizes in each, by rank.
  std::vector<at::Tensor> gather(const at::Tensor& own) const;

  /// Whether \p own is true in any process.
  bool any(bool own) const;

 private:
  ProcessGroup* group_ = nullptr;  ///< null for one process alone
};

}  // namespace tha4
