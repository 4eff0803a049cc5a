#include "tha4/render/generator.h"

#include <string>

#include "character_design.h"
#include "head.h"
#include "rig_builder.h"
#include "skeleton.h"

namespace tha4 {

Rig generate_rig(std::uint64_t seed) {
  const CharacterDesign design = design_character(seed);
  RigBuilder builder;
  add_skeleton(builder);
  add_head(builder, design);
  return builder.build("procedural:" + std::to_string(seed));
}

}  // namespace tha4
