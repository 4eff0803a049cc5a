#pragma once

#include <string_view>

#include "character_design.h"
#include "hair_brush.h"
#include "kinds.h"
#include "rig_builder.h"

namespace tha4::generator {

/// One style of a part of the hair.
struct HairStyle {
  std::string_view name;
  void (*paint)(HairBrush&);
  /// Tails that hang before the shoulders, of back hair only.
  void (*paint_before_body)(HairBrush&) = nullptr;
  /// What takes the place of a style that has no room under a hat; empty: it has.
  std::string_view under_hat{};
};

/// The fringe and what frames the forehead, painted over the cap of the skull.
const Kinds<HairStyle>& front_hair_styles();
/// Both sides in front of the ears.
const Kinds<HairStyle>& side_hair_styles();
/// What hangs behind the head.
const Kinds<HairStyle>& back_hair_styles();
/// Single strands on top of the head.
KindNames ahoge_kinds();

/// Adds the sheets behind the head. Bones as add_skeleton() adds them.
void add_back_hair(RigBuilder& builder, const CharacterDesign& design);

/// Adds the side locks, the fringe with the cap of the skull, and loose strands on top.
void add_front_hair(RigBuilder& builder, const CharacterDesign& design);

/// Outline of the hair on the skull, from ear to ear over the crown: shared by cap and back hair.
Points skull_arc(const HairDesign& hair, float spread = 0);

}  // namespace tha4::generator
