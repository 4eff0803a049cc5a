#pragma once

#include <cstddef>
#include <vector>

#include "channel_map.h"
#include <ATen/core/Tensor.h>
#include <hwy/aligned_allocator.h>

namespace tha4 {

/// Outputs of a panel, whose weights for all inputs lie together. The last panel may have kChannelStep.
inline constexpr int kPanelWidth = 32;

/// Products of a tile of a 3x3 convolution, and those where each pixel counts as 2x2, along one axis.
inline constexpr int kAxisPoints = 4, kDoubledAxisPoints = 3;
inline constexpr int kMaxPoints = kAxisPoints * kAxisPoints;

/// Weights as the kernels read them: [panels][points][inputs / p][outputs of the panel][p], where p inputs
/// are multiplied at a time.
struct PackedConvolution {
  int inputs = 0, outputs = 0;  ///< padded
  int points = 1;               ///< kMaxPoints, the square of kDoubledAxisPoints, or 1 where it is 1x1
  MapType type = MapType::fp32;
  hwy::AlignedFreeUniquePtr<std::byte[]> weights;
  std::vector<float> biases;  ///< [outputs]

  bool doubles() const { return points == kDoubledAxisPoints * kDoubledAxisPoints; }
  int outputs_of_panel(int panel) const {
    const int rest = outputs - panel * kPanelWidth;
    return rest < kPanelWidth ? rest : kPanelWidth;
  }
};

/// Packs \p weights, float [outputs, inputs, 3, 3] or [outputs, inputs, 1, 1].
/// \param biases   [outputs], or undefined
/// \param sources  channels of the maps that follow each other in what is convolved, each of them padded
/// \param doubles  whether each input pixel counts as 2x2
PackedConvolution pack_convolution(const at::Tensor& weights, const at::Tensor& biases,
                                   const std::vector<std::int64_t>& sources, bool doubles, MapType type);

}  // namespace tha4
