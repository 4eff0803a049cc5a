#pragma once

#include <string>

#include <torch/optim/adamw.h>

#include "tha4/train/learning_rate.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// AdamW for \p parameters; without weight decay this is Adam.
torch::optim::AdamWOptions adam_options(const AdamConfig& config);

/// The moments and step counts of \p optimizer, "<prefix><parameter index>.step" and so on; only of
/// parameters that have been stepped.
StateDict adam_state(torch::optim::AdamW& optimizer, const std::string& prefix);

/// Puts back what adam_state() returned. Throws InputError naming \p source when shapes do not fit.
void restore_adam_state(torch::optim::AdamW& optimizer, const StateDict& state, const std::string& prefix,
                        const std::string& source);

/// Sets the learning rate of one parameter group.
void set_learning_rate(torch::optim::AdamW& optimizer, std::size_t group, double value);

}  // namespace tha4
