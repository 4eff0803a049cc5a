#pragma once

#include <string>
#include <vector>

#include "canvas.h"
#include "character_design.h"
#include "rig_builder.h"
#include "seeded_random.h"

namespace tha4 {

/// Where an accessory is painted, and what with.
struct AccessoryBrush {
  Canvas* canvas;
  const CharacterDesign* design;
  SeededRandom* random;

  /// A solid thing of one colour: shaded at its right and lower edge, outlined.
  void shape(const Points& loop, const Color& color, float edge = 3) const;
  void line(const Points& path, const Color& color, float width = 1) const;
  /// The point \p along (0 to 1) of the hair's outline from ear to ear over the crown, moved inwards.
  [[nodiscard]] glm::vec2 on_skull(float along, float inwards = 0) const;
};

/// One accessory: its name in choices.json, the functions that paint it, and how it hangs on the character.
struct Accessory {
  std::string name;
  void (*paint)(const AccessoryBrush&) = nullptr;         ///< in front of the hair
  void (*paint_behind)(const AccessoryBrush&) = nullptr;  ///< behind the head
  bool is_glasses = false;  ///< lies before the eyes, under nothing but the brows
  bool is_on_neck = false;  ///< follows the neck and the chest
};

/// All accessories but "none"; names of different places differ.
const std::vector<Accessory>& accessories();

/// Adds what the design wears. Bones as add_skeleton() adds them.
void add_accessories(RigBuilder& builder, const CharacterDesign& design);

}  // namespace tha4
