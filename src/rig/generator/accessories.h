#pragma once

#include <string>
#include <vector>

#include "canvas.h"
#include "character_design.h"
#include "ornaments.h"
#include "rig_builder.h"
#include "seeded_random.h"

namespace tha4 {

/// Where an accessory is painted, and what with.
class AccessoryBrush {
 public:
  AccessoryBrush(Canvas& canvas, const CharacterDesign& design, SeededRandom& random);

  [[nodiscard]] const CharacterDesign& design() const { return *design_; }
  [[nodiscard]] SeededRandom& random() const { return *random_; }
  [[nodiscard]] Canvas& canvas() const { return *canvas_; }
  [[nodiscard]] const OrnamentBrush& ornament() const { return ornament_; }

  /// The side (see beside()) of things that are worn on one side.
  [[nodiscard]] float chosen_side() const;
  /// The point \p along (0 to 1) of the hair's outline from ear to ear over the crown, moved inwards.
  [[nodiscard]] glm::vec2 on_skull(float along, float inwards = 0) const;

 private:
  Canvas* canvas_;
  const CharacterDesign* design_;
  SeededRandom* random_;
  OrnamentBrush ornament_;
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
