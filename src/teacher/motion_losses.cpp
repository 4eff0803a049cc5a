#include "motion_losses.h"

#include <torch/types.h>

#include "tha4/image/region.h"

namespace tha4 {
namespace {

/// The mean of \p values [N, C, H, W] where \p mask [N, 1, H, W] is 1, of each example, then of all.
at::Tensor masked_mean(const at::Tensor& values, const at::Tensor& mask) {
  const at::Tensor sums = (values.mean(1, /*keepdim=*/true) * mask).sum({1, 2, 3});
  return (sums / mask.sum({1, 2, 3}).clamp_min(1)).mean();
}

}  // namespace

at::Tensor flow_distance(const at::Tensor& flow, const Motion& motion) {
  constexpr double kPixels = kImageSize / 2.0;
  return masked_mean((flow.to(torch::kFloat) - motion.flow).abs() * kPixels, motion.visible);
}

at::Tensor disocclusion_entropy(const at::Tensor& alpha, const Motion& motion) {
  // What is wrong for certain counts 6.9, not without end.
  constexpr double kMin = 1e-3;
  const at::Tensor fraction = alpha.to(torch::kFloat);
  return masked_mean(-(1 - fraction).clamp_min(kMin).log(), motion.visible) +
         masked_mean(-fraction.clamp_min(kMin).log(), motion.hidden);
}

}  // namespace tha4
