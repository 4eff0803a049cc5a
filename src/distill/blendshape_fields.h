#pragma once

#include "tha4/base/settings.h"
#include "tha4/distill/distill_config.h"

// The settings of blendshapes' trainings.

namespace tha4 {

const Fields<BlendshapeFaceConfig>& blendshape_face_fields();
const Fields<BlendshapeBodyConfig>& blendshape_body_fields();

}  // namespace tha4
