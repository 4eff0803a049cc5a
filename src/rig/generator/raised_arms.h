#pragma once

#include <optional>

#include "character_design.h"
#include "clothes.h"
#include "rig_builder.h"

namespace tha4::generator {

/// Adds the raised forearms of \p design with their hands and what they hold, before hair and clothes;
/// nothing if both arms hang down. \p sleeve is what the clothes have there. Bones as add_skeleton() adds
/// them: hands follow the chest, wherever they are, and not the head.
void add_raised_arms(RigBuilder& builder, const CharacterDesign& design,
                     const std::optional<SleeveLook>& sleeve);

}  // namespace tha4::generator
