#pragma once

#include "character_design.h"
#include "rig_builder.h"

namespace tha4::generator {

/// Adds the head and the face of \p design, and lets the 39 face parameters move it. The skeleton must be in
/// \p builder already.
void add_head(RigBuilder& builder, const CharacterDesign& design);

}  // namespace tha4::generator
