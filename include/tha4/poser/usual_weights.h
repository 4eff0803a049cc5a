#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/nn/student/blend_weights.h"

namespace tha4 {

/// The mean squares of the blend weights that \p mlp gives for 64 natural poses, always the same ones:
/// float32 [outputs] on the CPU. What an error of a basis is multiplied by.
at::Tensor usual_weights(BlendWeightsImpl& mlp);

}  // namespace tha4
