#pragma once

#include <string>
#include <vector>

#include "character_design.h"
#include "hair_brush.h"
#include "rig_builder.h"

namespace tha4 {

/// One style of a part of the hair: its name in choices.json, and the function that paints it.
struct HairStyle {
  std::string name;
  void (*paint)(HairBrush&);
  void (*paint_before_body)(HairBrush&) =
      nullptr;  ///< tails that hang before the shoulders, of back hair only
};

/// The fringe and what frames the forehead, painted over the cap of the skull.
const std::vector<HairStyle>& front_hair_styles();
/// Both sides in front of the ears.
const std::vector<HairStyle>& side_hair_styles();
/// What hangs behind the head.
const std::vector<HairStyle>& back_hair_styles();

/// Adds the sheets behind the head. Bones as add_skeleton() adds them.
void add_back_hair(RigBuilder& builder, const CharacterDesign& design);

/// Adds the side locks, the fringe with the cap of the skull, and loose strands on top.
void add_front_hair(RigBuilder& builder, const CharacterDesign& design);

/// Outline of the hair on the skull, from ear to ear over the crown: shared by cap and back hair.
Points skull_arc(const HairDesign& hair, float spread = 0);

}  // namespace tha4
