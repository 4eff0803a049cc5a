#pragma once

#include "tha4/base/settings.h"
#include "tha4/distill/distill_config.h"

// What the settings of several trainings share.

namespace tha4 {

inline constexpr const char* kBatchMeaning = "Examples of a step.";
inline constexpr const char* kExamplesMeaning = "Examples of the whole training.";

const Fields<PoseSource>& pose_source_fields();

}  // namespace tha4
