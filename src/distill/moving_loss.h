#pragma once

#include <vector>

#include "blended_loss.h"

#include "tha4/nn/student/blendshape_body_rotator.h"

namespace tha4 {

/// Blend weights of the maps of a body rotator that has a motion, [N, outputs] each.
struct BodyBlendWeights {
  at::Tensor motion, flow, appearance;
};

/// What \p body, which must have a motion, makes of the rest image with \p weights, compared with the frames
/// \p rows as blended_loss_by_layers() does: a scalar with gradients to weights and bases.
at::Tensor moving_loss_by_layers(BlendshapeBodyRotator& body, const BodyBlendWeights& weights,
                                 const BlendedFrames& frames, const std::vector<std::int64_t>& rows,
                                 double squared_weight);

}  // namespace tha4
