#pragma once

#include "tha4/base/settings.h"
#include "tha4/distill/distill_config.h"

// The settings of the steps of a SIREN's training that go beyond the paper's.

namespace tha4 {

const Fields<SirenSteps>& siren_steps_fields();
const Fields<WindowChoice>& window_choice_fields();

}  // namespace tha4
