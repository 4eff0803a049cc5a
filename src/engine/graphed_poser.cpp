#include "tha4/engine/graphed_poser.h"

#include <algorithm>
#include <utility>

#include <ATen/Context.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/peak_memory.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

/// What is kept of batch sizes and windows: each has memory of its own.
constexpr std::size_t kMaxWorks = 4;

/// Lets cuDNN try its algorithms for each convolution that is new to it.
class AlgorithmTrials {
 public:
  AlgorithmTrials() : before_(at::globalContext().benchmarkCuDNN()) {
    at::globalContext().setBenchmarkCuDNN(true);
  }
  ~AlgorithmTrials() { at::globalContext().setBenchmarkCuDNN(before_); }
  AlgorithmTrials(const AlgorithmTrials&) = delete;
  AlgorithmTrials& operator=(const AlgorithmTrials&) = delete;

 private:
  bool before_;
};

/// By one kernel for all of them: a copy takes as long for each as that.
PosedFrame copy_of(const PosedFrame& frame) {
  const std::vector<at::Tensor> copies = torch::_foreach_mul(
      {frame.blended, frame.warped, frame.direct, frame.alpha, frame.flow, frame.face}, 1);
  return {.blended = copies[0],
          .warped = copies[1],
          .direct = copies[2],
          .alpha = copies[3],
          .flow = copies[4],
          .face = copies[5]};
}

}  // namespace

GraphedPoser::GraphedPoser(std::unique_ptr<Poser> poser) : poser_(std::move(poser)) {
  if (!device().is_cuda() || !CudaGraph::is_possible())
    throw Error("there is no GPU whose work can be captured");
}

GraphedPoser::Work& GraphedPoser::work_of(std::int64_t count, const FrameWindow& window) {
  const auto place = std::find_if(works_.begin(), works_.end(), [&](const Work& work) {
    return work.count == count && work.window == window;
  });
  if (place != works_.end()) {
    works_.splice(works_.begin(), works_, place);
    return works_.front();
  }
  if (works_.size() == kMaxWorks) works_.pop_back();
  works_.push_front({.count = count, .window = window});
  return works_.front();
}

void GraphedPoser::capture(Work& work) {
  const AlgorithmTrials trials;
  work.graph = std::make_unique<CudaGraph>(device(), [this, &work] {
    const torch::NoGradGuard no_grad;
    work.frame = poser_->pose(work.poses, work.window);
  });
}

PosedFrame GraphedPoser::pose(const at::Tensor& poses, const FrameWindow& window) {
  const std::lock_guard lock(mutex_);
  const torch::NoGradGuard no_grad;
  const at::Tensor batch = to_pose_batch(poses, device());
  Work& work = work_of(batch.size(0), window);
  if (!work.poses.defined()) {  // the first time, which may be the only one
    work.poses = batch.clone();
    return poser_->pose(batch, window);
  }
  if (!work.graph) capture(work);
  work.poses.copy_(batch);
  work.graph->launch();
  return copy_of(work.frame);
}

void GraphedPoser::release_memory() {
  const std::lock_guard lock(mutex_);
  // What is queued still reads and writes the graphs' memory.
  c10::impl::VirtualGuardImpl(device().type()).getStream(device()).synchronize();
  works_.clear();
  release_unused_memory(device());
}

at::Tensor GraphedPoser::face(const at::Tensor& poses) {
  const std::lock_guard lock(mutex_);
  return poser_->face(poses);
}

}  // namespace tha4
