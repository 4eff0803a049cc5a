#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/data/motion.h"

namespace tha4 {

// What only rigs know, as losses. Each is the mean over the examples of a batch; one without any pixel that
// the loss is about counts as 0. Gradients flow.

/// How far \p flow, [N, 2, H, W], is from the rig's where the picture before shows the surface: the mean
/// absolute difference of a coordinate, in pixels of the 512x512 picture.
/// \return a scalar
at::Tensor flow_distance(const at::Tensor& flow, const Motion& motion);

/// The binary cross entropy of \p alpha, [N, 1 or 4, H, W], the fraction that is drawn anew, against the mask
/// of surfaces that the picture before does not show: the mean over those that it shows, which should be
/// warped, and the mean over those that it hides, added up, so that the few hidden pixels weigh as much.
/// \return a scalar
at::Tensor disocclusion_entropy(const at::Tensor& alpha, const Motion& motion);

}  // namespace tha4
