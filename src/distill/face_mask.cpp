#include "tha4/distill/face_mask.h"

#include <torch/types.h>

namespace tha4 {
namespace {

// A pixel counts if its variance, over the poses and summed over the channels, is this fraction of the
// largest one. The variance, not the largest change: a teacher's outlines waver a little in every pose, far
// from what moves.
constexpr double kMinFraction = 0.005;
constexpr int kSmoothing = 3;  // pixels, width of the box
constexpr int kDilation = 3;   // pixels, in all directions

}  // namespace

at::Tensor derive_face_mask(const at::Tensor& crops) {
  const torch::NoGradGuard no_grad;
  const auto variance =
      crops.to(torch::kCPU, torch::kFloat32).var(0, /*unbiased=*/false).sum(0, /*keepdim=*/true);
  const auto smooth = torch::avg_pool2d(variance, kSmoothing, 1, kSmoothing / 2);
  const double largest = smooth.max().item<double>();
  if (largest == 0) return torch::ones_like(smooth);
  const auto moving = (smooth > largest * kMinFraction).to(torch::kFloat32);
  return torch::max_pool2d(moving, 2 * kDilation + 1, 1, kDilation);
}

}  // namespace tha4
