#include "held_things.h"

#include <array>
#include <cmath>

#include <glm/common.hpp>

namespace tha4::generator {
namespace {

/// A rectangle about the grip, its corners cut a little.
Points block(const HeldBrush& brush, float left, float right, float bottom, float top, float cut = 2) {
  return {brush.at(left + cut, bottom), brush.at(right - cut, bottom), brush.at(right, bottom + cut),
          brush.at(right, top - cut),   brush.at(right - cut, top),    brush.at(left + cut, top),
          brush.at(left, top - cut),    brush.at(left, bottom + cut)};
}

void paint_book(const HeldBrush& brush) {
  const AccessoryDesign& colors = brush.design().accessories;
  brush.ornament().shape(block(brush, -25, 27, -31, 37, 3), from_hex(0xf4efe2), 2);
  brush.ornament().shape(block(brush, -26, 23, -32, 36, 3), colors.color, 5);
  brush.ornament().shape(block(brush, -26, -19, -32, 36, 2), shade_of(colors.color, 0.2F), 2);
  brush.ornament().shape(block(brush, -11, 15, 14, 28, 1), light_of(colors.second, 0.3F), 2);
  brush.ornament().line(Points{brush.at(-7, 23), brush.at(11, 23)}, colors.second);
  brush.ornament().line(Points{brush.at(-5, 19), brush.at(9, 19)}, colors.second);
}

void paint_cup(const HeldBrush& brush) {
  const AccessoryDesign& colors = brush.design().accessories;
  const float line = brush.design().style.line_width;
  const Points handle =
      smooth_curve(Points{brush.at(-11, 12), brush.at(-20, 11), brush.at(-21, -3), brush.at(-11, -8)});
  brush.canvas().stroke(handle, 4 + 2 * line, line_color_of(colors.second));
  brush.canvas().stroke(handle, 4, colors.second);
  brush.ornament().shape(
      joined(Points{brush.at(-14, 19), brush.at(-12.5F, -11)},
             joined(smooth_curve(Points{brush.at(-12, -12), brush.at(0, -15), brush.at(12, -12)}),
                    Points{brush.at(12.5F, -11), brush.at(14, 19)})),
      colors.second, 6);
  Points rim;
  Points drink;
  for (int i = 0; i < 24; ++i) {
    const float angle = 0.2618F * static_cast<float>(i);
    rim.push_back(brush.at(14 * std::cos(angle), 19 + 4 * std::sin(angle)));
    drink.push_back(brush.at(11.5F * std::cos(angle), 18.4F + 2.7F * std::sin(angle)));
  }
  brush.ornament().shape(rim, light_of(colors.second, 0.4F), 1);
  brush.canvas().fill(drink, from_hex(0x7a4a34));
}

void paint_microphone(const HeldBrush& brush) {
  const Color body = mix(from_hex(0x33323c), brush.design().accessories.color, 0.25F);
  brush.ornament().shape(Points{brush.at(-2.6F, -27), brush.at(2.6F, -27), brush.at(4, 17), brush.at(-4, 17)},
                         body, 3);
  brush.ornament().shape(block(brush, -5, 5, 15, 19, 1), brush.design().accessories.metal, 2);
  Points head;
  for (int i = 0; i < 28; ++i) {
    const float angle = 0.2244F * static_cast<float>(i);
    head.push_back(brush.at(8.5F * std::cos(angle), 26 + 9 * std::sin(angle)));
  }
  brush.ornament().shape(head, from_hex(0xb9bcc8), 4);
  brush.canvas().clipped(head, [&] {
    for (float y = -10; y <= 10; y += 3.4F) {
      brush.canvas().stroke(Points{brush.at(-10, 26 + y), brush.at(10, 28 + y)}, 0.6F,
                            with_alpha(body, 0.6F));
      brush.canvas().stroke(Points{brush.at(y, 14), brush.at(y, 40)}, 0.6F, with_alpha(body, 0.6F));
    }
  });
}

void paint_bouquet(const HeldBrush& brush) {
  const AccessoryDesign& colors = brush.design().accessories;
  const Color leaf = from_hex(0x5f9a5a);
  for (const float x : {-20.0F, -9.0F, 4.0F, 17.0F}) {
    brush.ornament().shape(smooth_loop(Points{brush.at(x * 0.3F, 4), brush.at(x * 1.25F - 5, 26),
                                              brush.at(x * 1.5F, 42), brush.at(x * 1.25F + 5, 26)}),
                           leaf, 2);
  }
  const Color white = from_hex(0xfdf6f2);
  brush.ornament().flower(brush.at(-17, 27), 9, colors.color);
  brush.ornament().flower(brush.at(17, 28), 9, colors.color);
  brush.ornament().flower(brush.at(-2, 37), 9, white);
  brush.ornament().flower(brush.at(8, 24), 9.5F, colors.color);
  brush.ornament().flower(brush.at(-7, 20), 9, white);
  brush.ornament().shape(Points{brush.at(-3, -34), brush.at(4, -33), brush.at(21, 16), brush.at(8, 12),
                                brush.at(0, 17), brush.at(-9, 12), brush.at(-21, 15)},
                         light_of(colors.second, 0.35F), 5);
  brush.ornament().line(Points{brush.at(-1, -26), brush.at(-9, 11)}, colors.second);
  brush.ornament().line(Points{brush.at(1, -26), brush.at(8, 11)}, colors.second);
  brush.ornament().bow(brush.at(0, -15), 10, colors.color, true);
}

void paint_sword(const HeldBrush& brush) {
  const AccessoryDesign& colors = brush.design().accessories;
  const Color steel = from_hex(0xdfe5ee);
  const Points blade{brush.at(-4.6F, 15), brush.at(4.6F, 15), brush.at(4, 128), brush.at(0, 142),
                     brush.at(-4, 128)};
  brush.ornament().shape(blade, steel, 2.4F);
  brush.canvas().stroke(Points{brush.at(0, 18), brush.at(0, 122)}, 1, from_hex(0x9aa4b8));
  brush.ornament().shape(block(brush, -2.8F, 2.8F, -20, 14, 0.5F), shade_of(colors.color, 0.3F), 2);
  for (float y = -17; y < 12; y += 5)
    brush.ornament().line(Points{brush.at(-3, y), brush.at(3, y + 3)}, colors.second);
  brush.ornament().shape(
      smooth_loop(Points{brush.at(-19, 19), brush.at(-16, 12), brush.at(0, 10), brush.at(16, 12),
                         brush.at(19, 19), brush.at(14, 17), brush.at(0, 16), brush.at(-14, 17)}),
      colors.metal, 2);
  brush.ornament().shape(ellipse(brush.at(0, -23), {4.4F, 4.4F}), colors.metal, 1.5F);
}

void paint_phone(const HeldBrush& brush) {
  const AccessoryDesign& colors = brush.design().accessories;
  brush.ornament().shape(block(brush, -10, 10, -14, 27, 3.5F), colors.color, 3);
  brush.ornament().shape(block(brush, 0, 8, 13, 24, 2.5F), shade_of(colors.color, 0.35F), 1);
  for (const float y : {16.0F, 21.0F})
    brush.canvas().fill(ellipse(brush.at(4, y), {1.8F, 1.8F}), from_hex(0x20222c));
}

void paint_lollipop(const HeldBrush& brush) {
  const AccessoryDesign& colors = brush.design().accessories;
  brush.ornament().shape(block(brush, -1.2F, 1.2F, -26, 22, 0.3F), from_hex(0xf4f1ea), 0.8F);
  const glm::vec2 middle = brush.at(0, 32);
  brush.ornament().shape(ellipse(middle, {13, 13}), colors.color, 4);
  Points swirl;
  for (int i = 0; i < 40; ++i) {
    const float angle = 0.42F * static_cast<float>(i);
    swirl.push_back(middle + 0.3F * static_cast<float>(i) * glm::vec2(std::cos(angle), std::sin(angle)));
  }
  brush.canvas().line(swirl, LineWidth{3, 1, 0.5F}, with_alpha(light_of(colors.second, 0.5F), 0.85F));
}

constexpr auto kHeldThingRows = std::to_array<HeldThing>({
    {.name = "book", .paint = paint_book},
    {.name = "cup", .paint = paint_cup},
    {.name = "microphone", .paint = paint_microphone, .lean = 6},
    {.name = "bouquet", .paint = paint_bouquet},
    {.name = "sword", .paint = paint_sword, .lean = 34},
    {.name = "phone", .paint = paint_phone, .lean = 8},
    {.name = "lollipop", .paint = paint_lollipop, .lean = 10},
});
constexpr Kinds<HeldThing> kHeldThings{"thing to hold", kHeldThingRows};

}  // namespace

const Kinds<HeldThing>& held_things() {
  return kHeldThings;
}

}  // namespace tha4::generator
