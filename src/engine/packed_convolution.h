#pragma once

#include <cstddef>
#include <vector>

#include "channel_map.h"
#include "map_weights.h"
#include <ATen/core/Tensor.h>
#include <hwy/aligned_allocator.h>

namespace tha4 {

/// Outputs of a panel, whose weights for all inputs lie together. The last panel may have kChannelStep.
inline constexpr int kPanelWidth = 32;

/// Products of a tile of a 3x3 convolution along one axis, and those of one that reads two pixels of it for
/// each result: where pixels count as 2x2, and of 4x4 weights.
inline constexpr int kAxisPoints = 4, kShortAxisPoints = 3;
inline constexpr int kMaxPoints = kAxisPoints * kAxisPoints;

/// Weights as the kernels read them: [kinds][panels][points][inputs / p][outputs of the panel][p], where p
/// inputs are multiplied at a time.
struct PackedConvolution {
  MapWeights kind = MapWeights::plain;
  int inputs = 0, outputs = 0;  ///< padded; inputs of all parts
  int points = 1;               ///< kMaxPoints, the square of kShortAxisPoints, or 1 where it is 1x1
  MapType type = MapType::fp32;
  hwy::AlignedFreeUniquePtr<std::byte[]> weights;
  std::vector<float> biases;  ///< [outputs]

  /// Whether its results are twice as large as its inputs.
  bool doubles() const { return kind == MapWeights::doubled || kind == MapWeights::transposed; }
  bool halves() const { return kind == MapWeights::halving; }
  /// The pixels of 2x2, whose channels are inputs one after the other; 1 where each is for itself.
  int parts() const { return halves() ? 4 : 1; }
  /// The results of 2x2, each of which has weights of its own; 1 where all have the same.
  int kinds() const { return kind == MapWeights::transposed ? 4 : 1; }
  int outputs_of_panel(int panel) const {
    const int rest = outputs - panel * kPanelWidth;
    return rest < kPanelWidth ? rest : kPanelWidth;
  }
};

/// Packs \p weights, float, whose shape \p kind says.
/// \param biases   [outputs], or undefined
/// \param sources  channels of the maps that follow each other in what is convolved, each of them padded
PackedConvolution pack_convolution(const at::Tensor& weights, const at::Tensor& biases,
                                   const std::vector<std::int64_t>& sources, MapWeights kind, MapType type);

}  // namespace tha4
