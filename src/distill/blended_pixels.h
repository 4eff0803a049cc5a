#pragma once

#include <vector>

#include "blended_loss.h"

namespace tha4 {

/// The loss of blended images, with its gradients to both maps, in their shapes.
struct BlendedGradients {
  double loss;
  at::Tensor flow;
  at::Tensor appearance;
};

/// blended_loss() on a CPU, in one pass over the pixels. \param maps  contiguous
BlendedGradients blended_gradients(const BodyMaps& maps, const BlendedFrames& frames,
                                   const std::vector<std::int64_t>& rows, double squared_weight);

}  // namespace tha4
