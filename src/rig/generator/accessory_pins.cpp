#include <array>

#include "accessories.h"

namespace tha4::generator {
namespace {

glm::vec2 pin_place(const AccessoryBrush& brush) {
  return beside(brush.chosen_side(), 44 * brush.design().hair.volume, 92);
}

void paint_hairpin(const AccessoryBrush& brush) {
  const glm::vec2 center = pin_place(brush);
  const float side = brush.chosen_side();
  const Points bar{center + glm::vec2(-12, -2.6F), center + glm::vec2(12, -2.6F),
                   center + glm::vec2(12, 2.6F), center + glm::vec2(-12, 2.6F)};
  brush.ornament().shape(smooth_loop(turned(bar, center, side * 32)), brush.design().accessories.color, 1.5F);
  brush.ornament().shape(smooth_loop(turned(shifted(bar, {side * -3, 8}), center, side * 32)),
                         light_of(brush.design().accessories.color, 0.35F), 1.5F);
}

void paint_crossed_pins(const AccessoryBrush& brush) {
  const glm::vec2 center = pin_place(brush);
  const Points bar{center + glm::vec2(-12, -2.2F), center + glm::vec2(12, -2.2F),
                   center + glm::vec2(12, 2.2F), center + glm::vec2(-12, 2.2F)};
  for (const float degrees : {52.0F, -38.0F})
    brush.ornament().shape(turned(bar, center, degrees), brush.design().accessories.color, 1.5F);
}

void paint_star_pin(const AccessoryBrush& brush) {
  brush.ornament().shape(star(pin_place(brush), 11, 5, 0.5F, brush.chosen_side() * 14),
                         mix(brush.design().accessories.metal, brush.design().accessories.color, 0.3F), 2);
}

void paint_side_ribbon(const AccessoryBrush& brush) {
  brush.ornament().bow(beside(brush.chosen_side(), 56 * brush.design().hair.volume, 88), 15,
                       brush.design().accessories.color, true);
}

void paint_flower(const AccessoryBrush& brush) {
  const glm::vec2 center = beside(brush.chosen_side(), 54 * brush.design().hair.volume, 92);
  const Color leaf = from_hex(0x7fae6a);
  brush.ornament().shape(
      ellipse(center + glm::vec2(-brush.chosen_side() * 12, 8), {9, 4}, -brush.chosen_side() * 30), leaf, 2);
  brush.ornament().flower(center, 15, light_of(brush.design().accessories.color, 0.2F));
}

constexpr auto kPinRows = std::to_array<Accessory>({
    {.name = "none"},
    {.name = "hairpin", .paint = paint_hairpin},
    {.name = "crossed_pins", .paint = paint_crossed_pins},
    {.name = "star_pin", .paint = paint_star_pin},
    {.name = "side_ribbon", .paint = paint_side_ribbon},
    {.name = "flower", .paint = paint_flower},
});
constexpr Kinds<Accessory> kPin{"accessory in the hair", kPinRows};

}  // namespace

const Kinds<Accessory>& hair_accessories() {
  return kPin;
}

}  // namespace tha4::generator
