#include "multi_scale_ssim.h"

#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/types.h>

namespace tha4 {
namespace {

constexpr double kStandardDeviation = 1.5;
constexpr std::int64_t kRadius = 5;

/// [size, size - 10]: each column has the weights of a Gaussian window over the places of a row. It is made
/// on the device, since nothing may be copied there while a step is captured.
at::Tensor windows(std::int64_t size, const at::TensorOptions& options) {
  const at::Tensor from = torch::arange(size, options).view({size, 1});
  const at::Tensor middle = torch::arange(kRadius, size - kRadius, options).view({1, -1});
  const at::Tensor distance = (from - middle).abs();
  const at::Tensor weights = (distance.square() * (-0.5 / (kStandardDeviation * kStandardDeviation))).exp() *
                             (distance <= static_cast<double>(kRadius));
  return weights / weights.sum(0, /*keepdim=*/true);
}

/// Takes weighted means over the windows that lie within images [N, C, H, W], rows and columns exchanged: by
/// products of matrices, which are far fewer steps than sums over 11 taps.
class WindowedMean {
 public:
  explicit WindowedMean(const at::Tensor& like)
      : across_(windows(like.size(3), like.options())), down_(windows(like.size(2), like.options())) {}

  at::Tensor operator()(const at::Tensor& values) const {
    return torch::matmul(torch::matmul(values.contiguous(), across_).transpose(2, 3), down_);
  }

 private:
  at::Tensor across_;
  at::Tensor down_;
};

/// What two images have in common, means over the windows of each channel: [N, C].
struct Similarity {
  at::Tensor structure;  ///< contrast and structure
  at::Tensor whole;      ///< the luminance as well
};

Similarity similarity_of(const at::Tensor& x, const at::Tensor& y) {
  constexpr double kLuminance = 0.01 * 0.01, kContrast = 0.03 * 0.03;
  const WindowedMean windowed_mean(y);
  const at::Tensor mean_x = windowed_mean(x), mean_y = windowed_mean(y);
  const at::Tensor product = mean_x * mean_y;
  const at::Tensor squares = mean_x.square() + mean_y.square();
  const at::Tensor covariance = windowed_mean(x * y) - product;
  const at::Tensor variances = windowed_mean(x.square() + y.square()) - squares;
  const at::Tensor structure = (2 * covariance + kContrast) / (variances + kContrast);
  const at::Tensor whole = structure * (2 * product + kLuminance) / (squares + kLuminance);
  return {structure.mean({2, 3}), whole.mean({2, 3})};
}

}  // namespace

at::Tensor multi_scale_ssim(const at::Tensor& a, const at::Tensor& b, int levels) {
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  at::Tensor x = a.to(torch::kFloat) * 0.5 + 0.5, y = b.to(torch::kFloat) * 0.5 + 0.5;
  at::Tensor similarity;
  for (int level = 0; level < levels; ++level) {
    const Similarity here = similarity_of(x, y);
    const bool is_coarsest = level + 1 == levels;
    // What is unlike, below 0, has no real root: there is nothing to climb from.
    constexpr double kMin = 1e-4;
    const at::Tensor factor =
        (is_coarsest ? here.whole : here.structure).clamp_min(kMin).pow(1.0 / static_cast<double>(levels));
    similarity = similarity.defined() ? similarity * factor : factor;
    if (is_coarsest) break;
    x = torch::avg_pool2d(x, {2, 2});
    y = torch::avg_pool2d(y, {2, 2});
  }
  return similarity.mean();
}

}  // namespace tha4
