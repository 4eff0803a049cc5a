#pragma once

#include "tha4/nn/blocks/rotator_output.h"
#include "tha4/teacher/network_task.h"

namespace tha4 {

/// What a network that ends as the rotators do makes of \p input, which should become \p target.
MadeImages task_output(const RotatorOutput& output, const at::Tensor& input, const at::Tensor& target);

}  // namespace tha4
