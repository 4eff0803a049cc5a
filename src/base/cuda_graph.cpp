#include "tha4/base/cuda_graph.h"

#include "cuda_graph_library.h"
#include <ATen/Context.h>

#include "tha4/base/companion_library.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

void* library() {
  static void* const handle = load_companion_library(kCudaGraphLibrary);
  return handle;
}

template <class Function>
Function* function(const char* name) {
  if (library() == nullptr) {
    throw Error(std::string(kCudaGraphLibrary) +
                " is not there: build the project with a LibTorch for CUDA and the headers of CUDA");
  }
  return reinterpret_cast<Function*>(companion_function(library(), kCudaGraphLibrary, name));
}

}  // namespace

bool CudaGraph::is_possible() {
  return at::hasCUDA() && library() != nullptr;
}

CudaGraph::CudaGraph(c10::Device device, const std::function<void()>& work)
    : graph_(function<CaptureGraph>(kCaptureGraph)(device.index(), work)) {}

CudaGraph::~CudaGraph() {
  if (graph_ != nullptr) function<FreeGraph>(kFreeGraph)(graph_);
}

void CudaGraph::launch() {
  function<LaunchGraph>(kLaunchGraph)(graph_);
}

}  // namespace tha4
