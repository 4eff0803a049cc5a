#pragma once

#include <vector>

#include "blended_loss.h"

#include "tha4/nn/student/blendshape_body_rotator.h"

namespace tha4 {

/// What poses add to the mean of a tiled blendshape.
struct DrawnTiles {
  const TiledBlendshapeImpl* map;
  at::Tensor values;  ///< float32 [tiles, N, channels * tile_size * tile_size], contiguous
};

/// The maps of a body rotator whose maps move, for N poses.
struct MovingMaps {
  DrawnTiles motion, flow, appearance;
};

/// The loss of blended images, with its gradients to the tiles' values, in their shapes.
struct MovingGradients {
  double loss;
  at::Tensor motion, flow, appearance;
};

/// The loss of moving_loss() on a CPU, in one pass over the pixels.
MovingGradients moving_gradients(const MovingMaps& maps, const BlendedFrames& frames,
                                 const std::vector<std::int64_t>& rows, double squared_weight);

}  // namespace tha4
