#include "sampling_grid.h"

#include <torch/types.h>

namespace tha4 {
namespace {

constexpr int kBilinear = 0, kZeros = 0, kBorder = 1;

/// What L^-1 makes of vectors [N, 2, H, W].
at::Tensor turned_back(const at::Tensor& vectors, const SamplingGrid& grid) {
  const at::Tensor x = vectors.narrow(1, 0, 1), y = vectors.narrow(1, 1, 1);
  const at::Tensor squared_scale = grid.cosine.square() + grid.sine.square();
  return torch::cat({(grid.cosine * x + grid.sine * y) * grid.side, grid.cosine * y - grid.sine * x}, 1) /
         squared_scale;
}

/// Pixel centres [1, 2, H, W], x before y, the whole picture being [-1, 1].
at::Tensor centres_of(const at::Tensor& like) {
  const std::int64_t height = like.size(2), width = like.size(3);
  const at::Tensor x = (torch::arange(width, like.options()) * 2 + 1) / width - 1;
  const at::Tensor y = (torch::arange(height, like.options()) * 2 + 1) / height - 1;
  return torch::stack(
             {x.view({1, width}).expand({height, width}), y.view({height, 1}).expand({height, width})})
      .unsqueeze(0);
}

}  // namespace

Motion moved(const Motion& kept, const SamplingGrid& grid) {
  if (!kept.is_known()) return {};
  const auto sampled = [&](const at::Tensor& values, int padding) {
    return torch::grid_sampler(values, grid.places, kBilinear, padding, /*align_corners=*/false);
  };
  // Between a pixel that is of a state and one that is not, nothing is sure.
  constexpr double kAll = 0.999;
  const auto all_of = [&](const at::Tensor& mask) {
    return (sampled(mask, kZeros) > kAll).to(torch::kFloat);
  };
  const at::Tensor flow = sampled(kept.flow, kBorder);
  const at::Tensor centres = centres_of(flow);
  at::Tensor there = turned_back(flow, grid);
  if (grid.bumps.defined()) {
    // Each round halves what is wrong, or better: bumps are far wider than high.
    constexpr int kRounds = 8;
    for (int round = 0; round < kRounds; ++round) {
      const at::Tensor bumps_there = torch::grid_sampler(grid.bumps, (centres + there).permute({0, 2, 3, 1}),
                                                         kBilinear, kBorder, /*align_corners=*/false);
      there = turned_back(flow + grid.bumps - bumps_there, grid);
    }
  }
  const at::Tensor reached = ((centres + there).abs().amax(1, /*keepdim=*/true) <= 1).to(torch::kFloat);
  const at::Tensor visible = all_of(kept.visible), hidden = all_of(kept.hidden);
  return {.flow = there, .visible = visible * reached, .hidden = hidden + visible * (1 - reached)};
}

}  // namespace tha4
