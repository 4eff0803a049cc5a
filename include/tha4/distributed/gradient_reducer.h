#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/distributed/process_group.h"

namespace c10d {
class Reducer;
}

namespace tha4 {

/// Averages gradients over the processes of a group, bucket by bucket while backward still computes the next
/// ones (Li et al. 2020), by c10d's own Reducer.
class GradientReducer {
 public:
  /// Gives all processes the first one's values of \p parameters, and of \p buffers.
  /// \param group         must outlive the reducer
  /// \param parameters    all that the losses depend on, each of them, in the order in which they are used;
  ///                      the same in every process
  /// \param bucket_bytes  gradients that are sent together
  GradientReducer(ProcessGroup& group, std::vector<at::Tensor> parameters,
                  const std::vector<at::Tensor>& buffers, std::int64_t bucket_bytes);
  ~GradientReducer();
  GradientReducer(const GradientReducer&) = delete;
  GradientReducer& operator=(const GradientReducer&) = delete;

  /// Adds the gradients of \p loss to those of the parameters. The last of the losses of one step is the one
  /// whose backward sends them: afterwards, they are the mean over the processes of the sums so far. Throws
  /// GroupError when another process has failed.
  void backward(const at::Tensor& loss, bool is_last);

 private:
  ProcessGroup& group_;
  std::shared_ptr<c10d::Reducer> reducer_;  ///< null for one process alone
};

/// Gives the gradients of \p parameters, those that have one, their means over the processes of \p group, all
/// in one message: for gradients that a CUDA graph computes. No GradientReducer may have seen such
/// parameters: it ties their gradients to the stream that it was made on, where no graph can be captured.
/// Throws GroupError when another process has failed. Collective.
void average_gradients(ProcessGroup& group, const std::vector<at::Tensor>& parameters);

/// Throws Error if the tensors, which must be alike in all processes of \p group, are not; the message names
/// the rank. Collective.
void check_equal_everywhere(ProcessGroup& group, const std::vector<at::Tensor>& tensors);

}  // namespace tha4
