#pragma once

#include <functional>
#include <memory>

#include <c10/core/Device.h>

namespace tha4 {

/// Work of a GPU that is queued as a whole, captured once from the operations that it is made of. It reads
/// and writes the very memory that it did when it was captured: change the values of its inputs in place, and
/// copy results that must outlive the next launch.
class CudaGraph {
 public:
  /// Whether this build and this machine can capture: LibTorch's CUDA library, through a library of ours.
  static bool is_possible();

  /// Runs \p work a few times, so that whatever is chosen or allocated once is, then captures it. \p work
  /// must not wait for the device, and do the same each time; it runs on a stream of its own. Throws Error
  /// where capturing is not possible, and what \p work throws.
  CudaGraph(c10::Device device, const std::function<void()>& work);
  ~CudaGraph();
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  /// Queues the work on the stream that LibTorch uses on the device now.
  void launch();

 private:
  void* graph_ = nullptr;
};

}  // namespace tha4
