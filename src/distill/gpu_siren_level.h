#pragma once

#include <vector>

#include "gpu_siren.h"

namespace tha4 {

/// One level's programs, and what is kept of its pixels.
struct GpuSiren::Level {
  int offset = 0;  ///< of the window's begin, in the level's pixels
  int size = 0;    ///< of the window
  ChainLayout forward_layout, backward_layout;
  CudaProgram forward, backward;
  at::Tensor pose_terms{};
  std::vector<at::Tensor> arguments{}, of_arguments{};  ///< of each sine layer

  /// As many blocks as there are multiprocessors, or fewer for few pixels.
  static CudaGrid grid(const ChainLayout& layout, int tiles, const CudaLimits& limits,
                       std::size_t bias_bytes) {
    const int needed = (tiles + layout.warps - 1) / layout.warps;
    return {.x = static_cast<unsigned>(std::min(limits.multiprocessors, needed)),
            .threads = 32 * static_cast<unsigned>(layout.warps),
            .shared_bytes = static_cast<unsigned>(layout.shared_bytes() + bias_bytes)};
  }
};

/// Of one matrix: the kernel that sums its gradient, laid out for its sizes.
struct GpuSiren::Gradient {
  std::size_t level = 0;
  std::size_t matrix = 0;       ///< 0: the first layer's
  int outputs = 0, inputs = 0;  ///< padded
  int pixels = 0;               ///< at a time
  CudaGrid grid;
  CudaProgram program;
  at::Tensor parts;
};

}  // namespace tha4
