#pragma once

#include <string_view>

#include "canvas.h"
#include "character_design.h"
#include "kinds.h"
#include "ornaments.h"
#include "rig_builder.h"
#include "seeded_random.h"

namespace tha4::generator {

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

/// One accessory. Whatever it is worn on, its name is its own but for "none", which is nothing.
struct Accessory {
  std::string_view name;
  void (*paint)(const AccessoryBrush&) = nullptr;         ///< in front of the hair
  void (*paint_behind)(const AccessoryBrush&) = nullptr;  ///< behind the head
  /// Of headwear that leaves no room for hair behind the head: the style of back hair under it.
  std::string_view back_hair{};

  [[nodiscard]] constexpr bool is_nothing() const { return paint == nullptr && paint_behind == nullptr; }
};

// The kinds that the members of AccessoryDesign name.
const Kinds<Accessory>& glasses();           ///< before the eyes, under nothing but the brows
const Kinds<Accessory>& head_accessories();  ///< on the hair
const Kinds<Accessory>& headwear();          ///< hides hair, in the place of those
const Kinds<Accessory>& hair_accessories();  ///< in the hair at one side
const Kinds<Accessory>& neckwear();          ///< follows the neck and the chest

/// Adds what the design wears. Bones as add_skeleton() adds them.
void add_accessories(RigBuilder& builder, const CharacterDesign& design);

}  // namespace tha4::generator
