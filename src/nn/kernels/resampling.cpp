#include "resampling.h"

#include "channels_last_arguments.h"
#include "cuda_kernels.h"
#include "fused_norm.h"
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

// On GPUs these are one pass. LibTorch's own operations of pictures that are stored channels-last take three
// times as long and, where it picks types by itself, double resolution in float32.

namespace tha4 {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor resized(const at::Tensor& x, std::int64_t height, std::int64_t width) {
  return torch::empty({x.size(0), x.size(1), height, width}, x.options(), at::MemoryFormat::ChannelsLast);
}

/// Halve or DoubleUp between \p small and a picture twice as wide and high.
template <class Kernel>
void resample(const at::Tensor& from, const at::Tensor& to, const at::Tensor& small, float factor) {
  const long long count = small.numel() / vector_length(small);
  const CudaGrid grid{.x = static_cast<unsigned>((count + kKernelThreads - 1) / kKernelThreads),
                      .threads = kKernelThreads};
  channels_last_program(small).launch(
      small.device(), grid,
      Kernel{.x = from.data_ptr(),
             .y = to.data_ptr(),
             .factor = factor,
             .width = static_cast<int>(small.size(3)),
             .columns = static_cast<int>(small.size(1) / vector_length(small)),
             .count = count});
}

at::Tensor halved(const at::Tensor& x, float factor) {
  const at::Tensor y = resized(x, x.size(2) / 2, x.size(3) / 2);
  resample<kernels::Halve>(x, y, y, factor);
  return y;
}

at::Tensor doubled(const at::Tensor& x, float factor) {
  const at::Tensor y = resized(x, 2 * x.size(2), 2 * x.size(3));
  resample<kernels::DoubleUp>(x, y, x, factor);
  return y;
}

constexpr float kMeanOfFour = 0.25F;

class HalfResolution : public torch::autograd::Function<HalfResolution> {
 public:
  static at::Tensor forward(AutogradContext*, const at::Tensor& x) { return halved(x, kMeanOfFour); }
  static variable_list backward(AutogradContext*, variable_list gradients) {
    return {doubled(gradients[0].contiguous(at::MemoryFormat::ChannelsLast), kMeanOfFour)};
  }
};

class DoubleResolution : public torch::autograd::Function<DoubleResolution> {
 public:
  static at::Tensor forward(AutogradContext*, const at::Tensor& x) { return doubled(x, 1); }
  static variable_list backward(AutogradContext*, variable_list gradients) {
    return {halved(gradients[0].contiguous(at::MemoryFormat::ChannelsLast), 1)};
  }
};

}  // namespace

at::Tensor half_resolution(const at::Tensor& x) {
  const bool is_even = x.size(2) % 2 == 0 && x.size(3) % 2 == 0;
  if (is_even && can_fuse(x, x.size(1))) return HalfResolution::apply(x);
  return torch::avg_pool2d(x, 2);
}

at::Tensor double_resolution(const at::Tensor& x) {
  if (can_fuse(x, x.size(1))) return DoubleResolution::apply(x);
  return torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
}

}  // namespace tha4
