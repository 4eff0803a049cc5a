#pragma once

#include "tha4/base/settings.h"
#include "tha4/distill/distill_config.h"

// The settings of the steps of a SIREN's training.

namespace tha4 {

const Fields<SirenSteps>& siren_steps_fields();
const Fields<WindowChoice>& window_choice_fields();
const Fields<BodyLossPhase>& loss_phase_fields();

}  // namespace tha4
