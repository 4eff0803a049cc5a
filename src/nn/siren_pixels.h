#pragma once

#include <torch/torch.h>

#include <vector>

#include "tha4/image/region.h"
#include "tha4/nn/sine_layer.h"

// What the SIRENs share: their input is (features?, x, y, pose) at every pixel. The pose's share of the first layer is
// the same at all pixels, so it is computed once and becomes part of the bias, and without gradients a window is
// evaluated strip by strip, so that intermediate values stay in the processor's cache.

namespace tha4 {

/// W x + b of a layer whose inputs are (`features` other values, x, y, pose), without the other values' share.
/// \param positions  [P, 2]  \param poses  [N, pose size]  \return [N, P, outputs]
inline torch::Tensor position_and_pose_share(const SineLayer& layer, std::int64_t features,
                                             const torch::Tensor& positions, const torch::Tensor& poses) {
  const torch::Tensor weight = layer->weight();
  const auto of_position = torch::matmul(positions.to(weight.dtype()), weight.narrow(1, features, 2).t());
  const auto of_pose = torch::addmm(layer->bias(), poses.to(weight.dtype()),
                                    weight.narrow(1, features + 2, weight.size(1) - features - 2).t());
  return of_position.unsqueeze(0) + of_pose.unsqueeze(1);
}

/// Cuts \p window into strips of whole rows: a single one while gradients are recorded or on a GPU.
inline std::vector<FrameWindow> strips_of(const FrameWindow& window, at::Device device) {
  constexpr int kStripPixels = 8192;
  const Region& region = window.region;
  if (torch::GradMode::is_enabled() || !device.is_cpu()) return {window};
  const int rows = std::max(1, kStripPixels / std::max(region.width, 1));
  std::vector<FrameWindow> strips;
  for (int y = 0; y < region.height; y += rows) {
    strips.push_back({window.resolution,
                      {region.x, region.y + y, region.width, std::min(rows, region.height - y)}});
  }
  return strips;
}

/// [N, h * w, C] of a window's pixels to [N, C, h, w].
inline torch::Tensor to_channel_planes(const torch::Tensor& pixels, const Region& region) {
  return pixels.view({pixels.size(0), region.height, region.width, pixels.size(2)}).permute({0, 3, 1, 2}).contiguous();
}

}  // namespace tha4
