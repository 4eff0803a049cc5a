#include "tha4/rig/generator.h"

#include <string>
#include <utility>

#include "accessories.h"
#include "body.h"
#include "character_design.h"
#include "hair.h"
#include "head.h"
#include "head_posture.h"
#include "rig_builder.h"
#include "skeleton.h"

namespace tha4 {
namespace generator {
namespace {

Rig rig_of(const CharacterDesign& design) {
  RigBuilder builder;
  add_skeleton(builder);
  add_back_hair(builder, design);
  add_body(builder, design);
  add_head(builder, design);
  add_front_hair(builder, design);
  add_accessories(builder, design);
  Rig rig = std::move(builder).build("procedural:" + std::to_string(design.seed));
  hold_head(rig, design.posture);
  return rig;
}

}  // namespace
}  // namespace generator

Rig generate_rig(std::uint64_t seed) {
  return generator::rig_of(generator::design_character(seed));
}

}  // namespace tha4
