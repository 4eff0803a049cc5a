#include "tha4/distill/local_basis.h"

#include <algorithm>

#include <torch/types.h>

#include "tha4/nn/blocks/seeded_scope.h"

namespace tha4 {
namespace {

/// Grows a mask [H, W] by \p pixels in all directions.
at::Tensor dilate(const at::Tensor& mask, int pixels) {
  const auto grown = torch::max_pool2d(mask.to(torch::kFloat32).unsqueeze(0), 2 * pixels + 1, 1, pixels);
  return grown.squeeze(0) > 0;
}

/// Numbers the 8-connected components of a mask [H, W]: each pixel of a component gets the largest 1-based
/// index among its pixels, all others 0. float64, so that indices are exact.
at::Tensor label_components(const at::Tensor& mask) {
  const auto zero = torch::zeros({}, torch::kFloat64);
  auto labels =
      torch::where(mask, torch::arange(1, mask.numel() + 1, torch::kFloat64).view(mask.sizes()), zero);
  while (true) {
    const auto spread = torch::where(mask, torch::max_pool2d(labels.unsqueeze(0), 3, 1, 1).squeeze(0), zero);
    if (torch::equal(spread, labels)) return labels;
    labels = spread;
  }
}

/// Components that are looked for besides those that are wanted, which makes these more exact.
constexpr std::int64_t kMore = 8;
/// So many times as many samples there have to be for passes over them to take less time than all
/// eigenvectors.
constexpr std::int64_t kMinRatio = 4;
constexpr int kPasses = 3;

/// Of a space in which the samples [T, N, P] vary most, orthonormal columns [T, N, count]: subspace iteration
/// (Halko, Martinsson and Tropp 2011, algorithm 4.4).
at::Tensor main_directions(const at::Tensor& samples, std::int64_t count) {
  const SeededScope seeded(1);
  auto columns = torch::randn({samples.size(0), samples.size(1), count}, samples.options());
  for (int pass = 0; pass < kPasses; ++pass) {
    const auto rows = torch::bmm(columns.transpose(1, 2), samples);
    columns = std::get<0>(torch::linalg_qr(torch::bmm(samples, rows.transpose(1, 2))));
  }
  return columns;
}

at::Tensor pixel_indices(const at::Tensor& mask) {
  return torch::nonzero(mask.flatten()).view({-1});
}

}  // namespace

LocalBasis principal_components(const at::Tensor& samples, int size) {
  const auto max_kept = std::min(samples.size(1), samples.size(2));
  const auto kept = std::min<std::int64_t>(size, max_kept);
  // Orthonormal columns whose span holds the components: those of all samples, or of what passes find.
  const bool is_exact = kMinRatio * (kept + kMore) > max_kept;
  const auto span = is_exact ? at::Tensor() : main_directions(samples, kept + kMore);
  const auto within = is_exact ? samples : torch::bmm(span.transpose(1, 2), samples);
  const auto gram = torch::bmm(within, within.transpose(1, 2)).to(torch::kFloat64);
  auto [variances, vectors] = torch::linalg_eigh(gram, "L");
  variances = variances.flip({1}).narrow(1, 0, kept);
  vectors = vectors.flip({2}).narrow(2, 0, kept);
  // Components of no variance would be noise divided by almost nothing.
  const auto min = (variances.narrow(1, 0, 1) * 1e-9).clamp_min(1e-15);
  const auto scale =
      torch::where(variances > min, variances.clamp_min(1e-30).rsqrt(), torch::zeros_like(variances));
  LocalBasis result;
  result.basis = torch::bmm((vectors * scale.unsqueeze(1)).transpose(1, 2).to(torch::kFloat32), within);
  result.weights = torch::bmm(samples, result.basis.transpose(1, 2));
  return result;
}

std::vector<at::Tensor> find_moving_regions(const at::Tensor& crops, double threshold, int dilation,
                                            double min_fraction) {
  const auto variance = crops.to(torch::kCPU, torch::kFloat32).var(0).sum(0);
  auto others = torch::ones_like(variance, torch::kBool);
  std::vector<at::Tensor> regions;
  if (variance.max().item<double>() > 0) {
    const auto labels = label_components(dilate(variance > variance.max() * threshold, dilation));
    const auto distinct = std::get<0>(at::_unique(labels));
    for (std::int64_t i = 0; i < distinct.size(0); ++i) {
      const auto label = distinct[i];
      if (label.item<double>() == 0) continue;
      const auto region = labels == label;
      if (variance.masked_select(region).sum().item<double>() < min_fraction * variance.sum().item<double>())
        continue;
      regions.push_back(pixel_indices(region));
      others = others & ~region;
    }
  }
  if (others.any().item<bool>()) regions.push_back(pixel_indices(others));
  return regions;
}

}  // namespace tha4
