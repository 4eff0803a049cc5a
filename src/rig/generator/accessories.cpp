#include "accessories.h"

#include <array>
#include <span>
#include <string>
#include <vector>

#include "accessory_kinds.h"
#include "airbrush.h"
#include "hair.h"
#include "layers.h"
#include "sheet.h"
#include "skeleton.h"

namespace tha4::generator {
namespace {

/// How accessories of one place hang on the character.
struct AccessoryPlace {
  int layer;
  float (*depth)(glm::vec2);
  BoneWeights (*bone_weights)(glm::vec2);
};

float before_head(glm::vec2 point) {
  return head_depth(point) + 13;
}
float behind_head(glm::vec2 point) {
  return head_depth(point) - 55;
}
float before_neck(glm::vec2 point) {
  return body_depth(point) + 10;
}
BoneWeights on_head_bone(glm::vec2 /*point*/) {
  return one_bone(kBoneHead);
}

constexpr AccessoryPlace kOnNeck{kLayerNeck + 5, before_neck, body_weights};
constexpr AccessoryPlace kOnEyes{kLayerGlasses, before_head, on_head_bone};
constexpr AccessoryPlace kOnHair{kLayerFrontAccessory, before_head, on_head_bone};
constexpr AccessoryPlace kBehindHead{kLayerBackAccessory, behind_head, on_head_bone};

void add_accessory_sheet(RigBuilder& builder, const CharacterDesign& design, std::string_view name,
                         void (*paint)(const AccessoryBrush&), const AccessoryPlace& place) {
  if (paint == nullptr) return;
  SeededRandom random(design.seed, name);
  Canvas canvas({150, 4}, {212, 330});
  paint(AccessoryBrush(canvas, design, random));
  SheetPlace sheet{std::string(name), place.layer, place.depth, place.bone_weights, 8};
  airbrush(canvas, design, sheet.name.c_str());
  add_sheet(builder, canvas, sheet);
}

void add_accessory(RigBuilder& builder, const CharacterDesign& design, const Accessory& accessory,
                   const AccessoryPlace& place) {
  add_accessory_sheet(builder, design, accessory.name, accessory.paint_behind, kBehindHead);
  add_accessory_sheet(builder, design, accessory.name, accessory.paint, place);
}

}  // namespace

AccessoryBrush::AccessoryBrush(Canvas& canvas, const CharacterDesign& design, SeededRandom& random)
    : canvas_(&canvas), design_(&design), random_(&random), ornament_(canvas, design.style) {}

float AccessoryBrush::chosen_side() const {
  return design_->accessories.is_left ? 1.0F : -1.0F;
}

glm::vec2 AccessoryBrush::on_skull(float along, float inwards) const {
  return point_at(skull_arc(design_->hair, -inwards), along);
}

const Kinds<Accessory>& head_accessories() {
  static constexpr std::array kNothing = {Accessory{"none"}};
  static const std::vector<Accessory> rows = joined_rows(
      {std::span<const Accessory>(kNothing), accessory_ears(), accessory_hats(), accessory_bands()});
  static const Kinds<Accessory> kinds{"accessory on the head", rows};
  return kinds;
}

void add_accessories(RigBuilder& builder, const CharacterDesign& design) {
  const AccessoryDesign& worn = design.accessories;
  const Accessory& hat = headwear().named(worn.headwear);
  add_accessory(builder, design, neckwear().named(worn.neck), kOnNeck);
  add_accessory(builder, design, glasses().named(worn.glasses), kOnEyes);
  add_accessory(builder, design, hat.is_nothing() ? head_accessories().named(worn.head) : hat, kOnHair);
  add_accessory(builder, design, hair_accessories().named(worn.hair), kOnHair);
}

}  // namespace tha4::generator
