#include "accessories.h"

#include <algorithm>

#include "accessory_kinds.h"
#include "airbrush.h"
#include "hair.h"
#include "layers.h"
#include "sheet.h"
#include "skeleton.h"

#include "tha4/base/error.h"

namespace tha4 {
namespace {

void add_accessory_sheet(RigBuilder& builder, const CharacterDesign& design, const Accessory& accessory,
                         void (*paint)(const AccessoryBrush&), bool is_behind) {
  if (paint == nullptr) return;
  SeededRandom random(design.seed, accessory.name);
  Canvas canvas({150, 4}, {212, 330});
  paint(AccessoryBrush(canvas, design, random));
  airbrush(canvas, design, accessory.name.c_str());
  SheetPlace place;
  place.name = accessory.name;
  place.cell = 8;
  if (accessory.is_on_neck) {
    place.layer = kLayerNeck + 5;
    place.depth = [](glm::vec2 point) { return body_depth(point) + 10; };
    place.bone_share = body_share;
  } else {
    place.layer = is_behind              ? kLayerBackAccessory
                  : accessory.is_glasses ? kLayerGlasses
                                         : kLayerFrontAccessory;
    const float lift = is_behind ? -55.0F : 13.0F;
    place.depth = [lift](glm::vec2 point) { return head_depth(point) + lift; };
    place.bone_share = [](glm::vec2) { return whole_share(kBoneHead); };
  }
  add_sheet(builder, canvas, place);
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

const std::vector<Accessory>& accessories() {
  static const std::vector<Accessory> list{
      {.name = "round", .paint = paint_round_glasses, .is_glasses = true},
      {.name = "rectangular", .paint = paint_rectangular_glasses, .is_glasses = true},
      {.name = "under_rim", .paint = paint_under_rim_glasses, .is_glasses = true},
      {.name = "cat_ears", .paint = paint_cat_ears},
      {.name = "fox_ears", .paint = paint_fox_ears},
      {.name = "rabbit_ears", .paint = paint_rabbit_ears},
      {.name = "horns", .paint = paint_horns},
      {.name = "headphones", .paint = paint_headphone_cups},
      {.name = "small_hat", .paint = paint_small_hat},
      {.name = "beret", .paint = paint_beret},
      {.name = "hood", .paint = paint_plain_hood, .paint_behind = paint_hood_inside},
      {.name = "cat_hood", .paint = paint_cat_hood, .paint_behind = paint_hood_inside},
      {.name = "beanie", .paint = paint_beanie},
      {.name = "cap", .paint = paint_cap},
      {.name = "straw_hat", .paint = paint_straw_hat},
      {.name = "witch_hat", .paint = paint_witch_hat},
      {.name = "halo", .paint_behind = paint_halo},
      {.name = "hair_band", .paint = paint_hair_band},
      {.name = "maid_band", .paint = paint_maid_band},
      {.name = "big_ribbon", .paint = paint_big_ribbon},
      {.name = "flower_crown", .paint = paint_flower_crown},
      {.name = "hairpin", .paint = paint_hairpin},
      {.name = "crossed_pins", .paint = paint_crossed_pins},
      {.name = "star_pin", .paint = paint_star_pin},
      {.name = "side_ribbon", .paint = paint_side_ribbon},
      {.name = "flower", .paint = paint_flower},
      {.name = "choker", .paint = paint_choker, .is_on_neck = true},
      {.name = "scarf", .paint = paint_scarf, .is_on_neck = true},
      {.name = "pendant", .paint = paint_pendant, .is_on_neck = true},
  };
  return list;
}

void add_accessories(RigBuilder& builder, const CharacterDesign& design) {
  const AccessoryDesign& worn = design.accessories;
  const std::string& on_head = worn.headwear == "none" ? worn.head : worn.headwear;
  for (const std::string* name : {&worn.neck, &worn.glasses, &on_head, &worn.hair}) {
    if (*name == "none") continue;
    const auto accessory = std::ranges::find(accessories(), *name, &Accessory::name);
    if (accessory == accessories().end()) throw Error("no function paints the accessory '" + *name + "'");
    add_accessory_sheet(builder, design, *accessory, accessory->paint_behind, true);
    add_accessory_sheet(builder, design, *accessory, accessory->paint, false);
  }
}

}  // namespace tha4
