#pragma once

#include "tha4/distill/distill_config.h"
#include "tha4/distributed/process_group.h"

// Distillations that several processes work at.

namespace tha4 {

/// \p config with the batches that one of so many processes has of those, which they can share.
DistillConfig with_batches_of_one(const DistillConfig& config, int processes);

/// The settings that the first process has. Collective.
DistillConfig settings_of_first(ProcessGroup& group, const DistillConfig& config);

}  // namespace tha4
