#pragma once

#include <vector>

#include <torch/types.h>

#include "tha4/distill/blendshape_training.h"
#include "tha4/train/adam.h"

namespace tha4 {

/// The parameters of the MLPs of all \p targets.
Adam::Group parameters_of(const std::vector<BlendWeightsTarget>& targets);

/// One regression step on random rows of \p poses [N, inputs]: the mean squared error of each MLP's outputs,
/// in units of the root mean square of its targets.
TrainingStep regression_step(std::vector<BlendWeightsTarget>& targets, const torch::Tensor& poses,
                             Adam& optimizer, const RegressionConfig& config, std::uint64_t seed,
                             std::int64_t examples_seen);

/// Moves what the MLPs shall give to \p device.
void move_targets(std::vector<BlendWeightsTarget>& targets, c10::Device device);

/// Sets the output scale of an MLP to the root mean square of its targets, so that it learns values near one.
void scale_to_targets(BlendWeightsTarget& target);

}  // namespace tha4
