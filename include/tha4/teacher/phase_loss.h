#pragma once

#include <cstdint>
#include <vector>

#include "tha4/teacher/network_task.h"
#include "tha4/teacher/perceptual_loss.h"
#include "tha4/train/training.h"

namespace tha4 {

/// The loss of one phase (paper, appendices B.1 and B.2): "loss", which is minimised, then its terms without
/// their weights, "l1_<image>", "laplacian_<image>", "perceptual_<image>", "perceptual_half_<image>" and
/// "perceptual_quadrants_<image>". The values carry gradients. L1 is the mean absolute difference in all
/// phases, as in appendix B.1; appendix B.2 prints it without the 1/(CHW), next to the same weights.
/// \param perceptual  may be null where the phase has no perceptual weight
/// \param seed        of the draws of the perceptual loss
std::vector<LossTerm> phase_loss(const MadeImages& output, const TrainingPhase& phase,
                                 const PerceptualLoss* perceptual, std::uint64_t seed);

}  // namespace tha4
