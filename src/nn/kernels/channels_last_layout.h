#pragma once

#include <algorithm>

#include "channels_last_arguments.h"
#include "cuda_kernels.h"
#include <torch/types.h>

namespace tha4 {

/// How the pixels of images are shared out: as many blocks as keep any GPU busy, but no more than can be
/// added up quickly: the sums of an image's chunks are one after the other in finish_moments.
struct ChannelsLastLayout {
  explicit ChannelsLastLayout(const at::Tensor& x)
      : images(static_cast<int>(x.size(0))),
        channels(static_cast<int>(x.size(1))),
        pixels(static_cast<int>(x.size(2) * x.size(3))) {
    constexpr int kBlocks = 2048;
    constexpr int kMaxChunks = 128;
    constexpr int kMinRows = 32;
    const int wanted = std::clamp(kBlocks / images, 1, kMaxChunks);
    rows_per_chunk = std::max(kMinRows, (pixels + wanted - 1) / wanted);
    chunks = (pixels + rows_per_chunk - 1) / rows_per_chunk;
  }

  kernels::Extent extent() const {
    return {.pixels = pixels, .channels = channels, .rows_per_chunk = rows_per_chunk};
  }

  CudaGrid over_pixels() const {
    return {
        .x = static_cast<unsigned>(chunks), .y = static_cast<unsigned>(images), .threads = kKernelThreads};
  }
  CudaGrid over_images() const { return {.x = static_cast<unsigned>(images), .threads = kKernelThreads}; }
  CudaGrid over_channels() const {
    return {.x = (static_cast<unsigned>(channels) + kKernelThreads - 1) / kKernelThreads,
            .threads = kKernelThreads};
  }

  /// Two sums of every channel for each chunk.
  at::Tensor sums(const at::Tensor& x) const {
    return torch::empty({images, chunks, 2, channels}, x.options().dtype(torch::kFloat));
  }
  at::Tensor per_channel(const at::Tensor& x) const {
    return torch::empty({images, channels}, x.options().dtype(torch::kFloat));
  }

  int images;
  int channels;
  int pixels;
  int rows_per_chunk = 0;
  int chunks = 0;
};

}  // namespace tha4
