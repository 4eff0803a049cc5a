#include "tha4/metrics/ssim.h"

#include <array>
#include <cmath>

#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr double kStandardDeviation = 1.5;
constexpr int kRadius = 5;  // 3.5 standard deviations
constexpr int kTaps = 2 * kRadius + 1;

std::array<double, kTaps> gaussian_window() {
  std::array<double, kTaps> window{};
  double sum = 0;
  for (int i = 0; i < kTaps; ++i) {
    const double distance = (i - kRadius) / kStandardDeviation;
    sum += window[static_cast<std::size_t>(i)] = std::exp(-0.5 * distance * distance);
  }
  for (double& tap : window) tap /= sum;
  return window;
}

/// Weighted means over the windows that lie within the images.
at::Tensor windowed_mean(at::Tensor values) {
  static const std::array<double, kTaps> window = gaussian_window();
  for (const std::int64_t dimension : {2, 3}) {
    const std::int64_t size = values.size(dimension) - kTaps + 1;
    at::Tensor sum = values.narrow(dimension, 0, size) * window[0];
    for (int i = 1; i < kTaps; ++i) {
      sum.add_(values.narrow(dimension, i, size), window[static_cast<std::size_t>(i)]);
    }
    values = sum;
  }
  return values;
}

}  // namespace

at::Tensor ssim(const at::Tensor& a, const at::Tensor& b) {
  if (a.size(2) < kTaps || a.size(3) < kTaps) {
    throw InputError("SSIM needs images of at least 11x11 pixels, not " + std::to_string(a.size(3)) + "x" +
                     std::to_string(a.size(2)));
  }
  constexpr double kLuminance = 0.01 * 0.01, kContrast = 0.03 * 0.03;
  // Variances are small differences of large numbers.
  const at::Tensor x = a.to(torch::kFloat64);
  const at::Tensor y = b.to(torch::kFloat64);
  const at::Tensor mean_x = windowed_mean(x);
  const at::Tensor mean_y = windowed_mean(y);
  const at::Tensor product = mean_x * mean_y;
  const at::Tensor squares = mean_x.square() + mean_y.square();
  const at::Tensor covariance = windowed_mean(x * y) - product;
  const at::Tensor variances = windowed_mean(x.square() + y.square()) - squares;
  const at::Tensor similarity = (2 * product + kLuminance) * (2 * covariance + kContrast) /
                                ((squares + kLuminance) * (variances + kContrast));
  return similarity.flatten(1).mean(1);
}

}  // namespace tha4
