#include "cuda_graph_library.h"

#include <memory>

#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace tha4 {
namespace {

constexpr int kWarmUps = 3;

/// Makes \p later wait for what \p earlier has queued so far.
void order(const c10::cuda::CUDAStream& earlier, const c10::cuda::CUDAStream& later) {
  at::cuda::CUDAEvent event;
  event.record(earlier);
  event.block(later);
}

std::unique_ptr<at::cuda::CUDAGraph> capture(c10::DeviceIndex device, const std::function<void()>& work) {
  const c10::cuda::CUDAGuard device_guard(device);
  const auto outside = c10::cuda::getCurrentCUDAStream(device);
  const auto stream = c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device);
  order(outside, stream);
  auto graph = std::make_unique<at::cuda::CUDAGraph>();
  {
    const c10::cuda::CUDAStreamGuard guard(stream);
    for (int i = 0; i < kWarmUps; ++i) work();
    stream.synchronize();
    // Other threads go on drawing and copying: only what this one does is of the graph.
    graph->capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    work();
    graph->capture_end();
  }
  order(stream, outside);
  return graph;
}

}  // namespace
}  // namespace tha4

extern "C" __attribute__((visibility("default"))) void* tha4_capture_graph(
    std::int64_t device, const std::function<void()>& work) {
  return tha4::capture(static_cast<c10::DeviceIndex>(device), work).release();
}

extern "C" __attribute__((visibility("default"))) void tha4_launch_graph(void* graph) {
  static_cast<at::cuda::CUDAGraph*>(graph)->replay();
}

extern "C" __attribute__((visibility("default"))) void tha4_free_graph(void* graph) {
  delete static_cast<at::cuda::CUDAGraph*>(graph);
}
