#pragma once

#include "distill_work.h"

#include "tha4/base/context.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Measures, in a few seconds, what each piece of a distillation's work takes on this machine: asks
/// \p teacher for two batches of crops and frames, and takes a few steps of trainings that are then thrown
/// away. Where several \p processes share the work, one of them measures its share, alone; what they send
/// each other is left out. Only what comes from \p first on; other speeds are not known. Where \p context
/// asks for a stop, neither are those that were not measured by then.
WorkAmounts measure_speeds(Poser& teacher, const DistillConfig& config, int processes, Work first,
                           const Context& context);

}  // namespace tha4
