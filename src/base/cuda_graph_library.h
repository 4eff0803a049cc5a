#pragma once

#include <cstdint>
#include <functional>

// What the library tha4_cuda_graph offers to cuda_graph.cpp, which loads it.

namespace tha4 {

inline constexpr const char* kCudaGraphLibrary = "libtha4_cuda_graph.so";
inline constexpr const char* kCaptureGraph = "tha4_capture_graph";
inline constexpr const char* kLaunchGraph = "tha4_launch_graph";
inline constexpr const char* kFreeGraph = "tha4_free_graph";

/// Returns a graph, which the caller frees.
using CaptureGraph = void*(std::int64_t device, const std::function<void()>& work);
using LaunchGraph = void(void* graph);
using FreeGraph = void(void* graph);

}  // namespace tha4
