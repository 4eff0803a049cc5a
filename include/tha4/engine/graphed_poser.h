#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "tha4/base/cuda_graph.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Another poser's frames on a GPU, each queued as a whole: for networks of thousands of small kernels, which
/// take the processor longer to queue than the GPU to compute. What a batch size and a window take is
/// captured when they are asked for the second time, with the fastest of cuDNN's algorithms for each
/// convolution.
class GraphedPoser final : public Poser {
 public:
  /// Throws Error unless \p poser is on a GPU and CudaGraph::is_possible().
  /// \param poser  whose work must not wait for the device, and must be the same for all poses
  explicit GraphedPoser(std::unique_ptr<Poser> poser);

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window = {}) override;
  at::Tensor face(const at::Tensor& poses) override;
  const at::Tensor& rest_image() const override { return poser_->rest_image(); }
  at::Device device() const override { return poser_->device(); }
  void release_memory() override;

 private:
  /// Batches of one size, at one window.
  struct Work {
    std::int64_t count;
    FrameWindow window;
    std::unique_ptr<CudaGraph> graph = nullptr;  ///< from the second time on
    at::Tensor poses = {};                       ///< that the graph reads
    PosedFrame frame = {};                       ///< that the graph writes
  };

  Work& work_of(std::int64_t count, const FrameWindow& window);
  void capture(Work& work);

  std::unique_ptr<Poser> poser_;
  std::list<Work> works_;  ///< the one that was used last comes first
  std::mutex mutex_;
};

}  // namespace tha4
