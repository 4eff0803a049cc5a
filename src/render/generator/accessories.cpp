#include "accessories.h"

#include <algorithm>
#include <cmath>

#include "body.h"
#include "hair.h"
#include "layers.h"
#include "sheet.h"
#include "skeleton.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

glm::vec2 at(float side, float x, float y) {
  return {256 + side * x, y};
}

Points closed(const Points& loop) {
  return joined(loop, Points{loop.front()});
}

float chosen_side(const AccessoryBrush& brush) {
  return brush.design->accessories.is_left ? 1.0F : -1.0F;
}

Points turned(const Points& points, glm::vec2 about, float degrees) {
  const float angle = glm::radians(degrees);
  Points result;
  for (const glm::vec2& point : points) {
    const glm::vec2 d = point - about;
    result.push_back(about + glm::vec2(d.x * std::cos(angle) - d.y * std::sin(angle),
                                       d.x * std::sin(angle) + d.y * std::cos(angle)));
  }
  return result;
}

Points star(glm::vec2 center, float radius, int points, float inner, float degrees) {
  Points loop;
  for (int i = 0; i < points * 2; ++i) {
    const float angle =
        3.14159F * static_cast<float>(i) / static_cast<float>(points) - 1.5708F + glm::radians(degrees);
    loop.push_back(center +
                   radius * (i % 2 == 0 ? 1.0F : inner) * glm::vec2(std::cos(angle), std::sin(angle)));
  }
  return loop;
}

void paint_bow(const AccessoryBrush& brush, glm::vec2 center, float size, const Color& color,
               bool has_tails) {
  for (const float side : {-1.0F, 1.0F}) {
    const auto point = [&](float x, float y) { return center + glm::vec2(side * x, y) * size; };
    if (has_tails) {
      brush.shape(joined(smooth_curve(Points{point(0, 0.1F), point(0.55F, 0.7F), point(0.8F, 1.5F)}),
                         Points{point(0.5F, 1.35F), point(0.25F, 1.5F), point(0, 0.3F)}),
                  shade_of(color, 0.1F), size * 0.12F);
    }
    brush.shape(
        smooth_loop(Points{point(0, -0.12F), point(0.5F, -0.72F), point(1.12F, -0.72F), point(1.22F, 0),
                           point(1.05F, 0.6F), point(0.48F, 0.45F), point(0, 0.14F)}),
        color, size * 0.16F);
    brush.line(smooth_curve(Points{point(0.12F, 0), point(0.5F, -0.14F), point(0.85F, -0.1F)}), color);
    brush.line(smooth_curve(Points{point(0.12F, 0.06F), point(0.42F, 0.14F), point(0.66F, 0.26F)}), color,
               0.8F);
  }
  brush.shape(ellipse(center, glm::vec2(0.26F, 0.3F) * size), light_of(color, 0.12F), size * 0.1F);
}

void paint_flower(const AccessoryBrush& brush, glm::vec2 center, float radius, const Color& color) {
  for (int i = 0; i < 5; ++i) {
    const float degrees = static_cast<float>(i) * 72 + 10;
    const glm::vec2 petal = turned(Points{center + glm::vec2(0, -radius * 0.58F)}, center, degrees).front();
    brush.shape(ellipse(petal, {radius * 0.44F, radius * 0.5F}, degrees), color, radius * 0.12F);
    brush.line(Points{center, glm::mix(center, petal, 0.9F)}, color, 0.6F);
  }
  brush.shape(ellipse(center, {radius * 0.27F, radius * 0.27F}), from_hex(0xf7d154), radius * 0.08F);
}

// Glasses.

struct Rim {
  Points left_half;  ///< the lens at the right of the picture
  bool has_upper = true;
};

void paint_glasses(const AccessoryBrush& brush, const Rim& rim) {
  Canvas& canvas = *brush.canvas;
  const AccessoryDesign& accessories = brush.design->accessories;
  const Color frame =
      to_hsl(accessories.color).z > 0.6F ? shade_of(accessories.color, 0.55F) : accessories.color;
  const float width = 1.3F + 0.5F * brush.design->style.line_width;
  for (const float side : {-1.0F, 1.0F}) {
    const Points lens = side > 0 ? rim.left_half : mirrored(rim.left_half);
    canvas.fill(lens, Color{0.82F, 0.92F, 1.0F, 0.13F});
    canvas.clipped(lens, [&] {
      canvas.fill(Points{at(1, side * 28 - 9, 118), at(1, side * 28 - 2, 118), at(1, side * 28 - 15, 156),
                         at(1, side * 28 - 22, 156)},
                  Color{1, 1, 1, 0.26F});
    });
    if (rim.has_upper) {
      canvas.stroke(closed(lens), width, frame);
    } else {
      Points lower = lens;
      std::erase_if(lower, [](glm::vec2 point) { return point.y < 131; });
      std::ranges::sort(lower, {}, &glm::vec2::x);
      canvas.stroke(lower, width, frame);
    }
    canvas.stroke(smooth_curve(Points{at(side, 47, 131), at(side, 56, 129), at(side, 63, 130)}), width,
                  frame);
  }
  canvas.stroke(smooth_curve(Points{at(-1, 9, 135), {256, 131.5F}, at(1, 9, 135)}), width, frame);
}

void round_glasses(const AccessoryBrush& brush) {
  paint_glasses(brush, {ellipse({284, 138}, {20, 19})});
}

void rectangular_glasses(const AccessoryBrush& brush) {
  paint_glasses(brush, {smooth_loop(Points{{264, 130},
                                           {268, 126},
                                           {284, 125},
                                           {301, 126},
                                           {304, 130},
                                           {303, 144},
                                           {299, 151},
                                           {284, 153},
                                           {270, 151},
                                           {265, 144}})});
}

void under_rim_glasses(const AccessoryBrush& brush) {
  paint_glasses(
      brush,
      {smooth_loop(Points{
           {263, 128}, {284, 124}, {305, 128}, {303, 145}, {297, 152}, {284, 154}, {271, 152}, {265, 145}}),
       false});
}

// On the head.

/// An animal's ear, its foot on the hair.
void paint_ears(const AccessoryBrush& brush, const Points& outer, const Points& inner, const Color& inside,
                bool has_tuft) {
  const HairDesign& hair = brush.design->hair;
  for (const float side : {-1.0F, 1.0F}) {
    const Points ear = smooth_curve(side > 0 ? outer : mirrored(outer));
    const Points hollow = smooth_curve(side > 0 ? inner : mirrored(inner));
    const Points shape = shifted(ear, {0, hair.top - 46});
    brush.shape(shape, hair.base, 5);
    const Points pit = shifted(hollow, {0, hair.top - 46});
    brush.canvas->fill(pit, inside);
    brush.canvas->clipped(pit, [&] {
      brush.canvas->fill_loops(std::vector<Points>{pit, shifted(pit, {-3, 3})}, shade_of(inside, 0.22F));
      if (!has_tuft) return;
      for (const float lean : {-6.0F, 0.0F, 6.0F}) {
        const glm::vec2 foot = (pit.front() + pit.back()) * 0.5F + glm::vec2(lean * 1.3F, 4);
        brush.canvas->line(smooth_curve(Points{foot, foot + glm::vec2(lean * 0.4F, -10),
                                               foot + glm::vec2(lean * 0.3F + side * 3, -20)}),
                           LineWidth{6, 6, 0, 0, 0.9F}, mix(hair.light, Color{1, 1, 1}, 0.4F));
      }
    });
    brush.line(pit, inside, 0.8F);
    // Tufts of hair cover where the ear grows out.
    const glm::vec2 from = shape.front();
    const glm::vec2 to = shape.back();
    constexpr int kTufts = 5;
    for (int i = 0; i < kTufts; ++i) {
      const float along = (static_cast<float>(i) + 0.5F) / kTufts;
      const glm::vec2 foot = glm::mix(from, to, along);
      const glm::vec2 tip =
          foot + glm::vec2(side * (1 + 3 * along), -7.0F - 4.0F * static_cast<float>(i % 2));
      const Points tuft = joined(smooth_curve(Points{foot + glm::vec2(-7, 9), foot + glm::vec2(-4, -1), tip}),
                                 smooth_curve(Points{tip, foot + glm::vec2(5, 0), foot + glm::vec2(7, 9)}));
      brush.canvas->fill(tuft,
                         LinearGradient{foot + glm::vec2(0, 9),
                                        tip,
                                        {{0, with_alpha(hair.base, 0)}, {0.45F, hair.base}, {1, hair.base}}});
      const float width = brush.design->style.line_width * 0.9F;
      const Points edge = resampled(tuft, 40);
      brush.canvas->line(Points(edge.begin() + 8, edge.begin() + 32), LineWidth{width, 0, 0, 0.4F, 0.4F},
                         mix(hair.shade, hair.line, brush.design->style.line_darkness));
    }
  }
}

void cat_ears(const AccessoryBrush& brush) {
  paint_ears(brush, {{273, 58}, {282, 36}, {303, 17}, {310, 38}, {314, 74}},
             {{281, 56}, {287, 42}, {301, 26}, {305, 42}, {307, 66}}, from_hex(0xf7b9b8), true);
}

void fox_ears(const AccessoryBrush& brush) {
  paint_ears(brush, {{268, 56}, {280, 28}, {306, 10}, {317, 40}, {316, 78}},
             {{278, 54}, {287, 36}, {304, 21}, {310, 42}, {308, 68}},
             mix(brush.design->hair.light, Color{1, 1, 1}, 0.5F), true);
}

void rabbit_ears(const AccessoryBrush& brush) {
  paint_ears(brush, {{266, 56}, {266, 34}, {276, 13}, {290, 12}, {294, 32}, {288, 60}},
             {{271, 52}, {271, 36}, {279, 20}, {286, 20}, {288, 34}, {283, 54}}, from_hex(0xf6b6bd), false);
}

void horns(const AccessoryBrush& brush) {
  const Color color = mix(from_hex(0x4a3f4e), brush.design->accessories.color, 0.3F);
  for (const float side : {-1.0F, 1.0F}) {
    const float y = brush.design->hair.top - 46;
    const Points outer = smooth_curve(
        Points{at(side, 40, 68 + y), at(side, 58, 56 + y), at(side, 66, 38 + y), at(side, 60, 18 + y)});
    const Points inner = smooth_curve(
        Points{at(side, 60, 18 + y), at(side, 54, 36 + y), at(side, 40, 48 + y), at(side, 26, 54 + y)});
    const Points horn = joined(outer, inner);
    brush.shape(horn, color, 4);
    brush.canvas->clipped(horn, [&] {
      for (float along = 0.15F; along < 0.9F; along += 0.16F) {
        brush.line(Points{point_at(outer, along), point_at(inner, 1 - along)}, color, 0.9F);
      }
    });
  }
}

void headphone_cups(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design->accessories;
  const float reach = 70 * brush.design->hair.volume;
  const Points arc = skull_arc(brush.design->hair, 4);
  Points band;
  for (const glm::vec2& point : arc) {
    if (point.y < 124) band.push_back(point);
  }
  brush.canvas->stroke(band, 9 + brush.design->style.line_width * 1.6F, line_color_of(accessories.second));
  brush.canvas->stroke(band, 9, accessories.second);
  brush.canvas->stroke(shifted(band, {0, -1.5F}), 2.2F, with_alpha(light_of(accessories.second, 0.6F), 0.8F));
  for (const float side : {-1.0F, 1.0F}) {
    brush.shape(ellipse(at(side, reach - 4, 132), {9, 21}), shade_of(accessories.second, 0.25F), 3);
    brush.shape(ellipse(at(side, reach + 1, 132), {9, 17}), accessories.color, 5);
    brush.shape(ellipse(at(side, reach + 3, 132), {4.5F, 9}), light_of(accessories.color, 0.4F), 2);
  }
}

void small_hat(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design->accessories;
  const float side = chosen_side(brush);
  const glm::vec2 foot = brush.on_skull(side > 0 ? 0.63F : 0.37F, 7);
  const auto place = [&](float x, float y) {
    return turned(Points{foot + glm::vec2(x, y)}, foot, side * 24).front();
  };
  brush.shape(smooth_loop(Points{place(-27, 0), place(-15, -5), place(15, -5), place(27, 0), place(15, 6),
                                 place(-15, 6)}),
              accessories.second, 3);
  const float height = std::min(23.0F, foot.y - 14);
  brush.shape(
      joined(smooth_curve(Points{place(-14, -1), place(-15, -height * 0.6F), place(-17, -height)}),
             joined(smooth_curve(Points{place(-17, -height), place(0, -height - 3), place(17, -height)}),
                    smooth_curve(
                        Points{place(15, -height * 0.6F), place(14, -1), place(0, 2.5F), place(-14, -1)}))),
      accessories.second, 5);
  brush.shape(joined(smooth_curve(Points{place(-14.5F, -7), place(0, -4), place(14.5F, -7)}),
                     smooth_curve(Points{place(14, -1), place(0, 2), place(-14, -1)})),
              accessories.color, 2);
  paint_bow(brush, place(side * 9, -4), 8, accessories.color, false);
}

void beret(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design->accessories;
  const float side = chosen_side(brush);
  const float top = brush.design->hair.top;
  const float reach = 70 * brush.design->hair.volume;
  const Points cap = smooth_loop(Points{at(side, -reach * 0.72F, top + 30),
                                        at(side, -reach * 0.74F, top + 12), at(side, -reach * 0.3F, top - 11),
                                        at(side, reach * 0.3F, top - 17), at(side, reach * 0.95F, top - 4),
                                        at(side, reach * 1.12F, top + 19), at(side, reach * 0.85F, top + 32),
                                        at(side, reach * 0.2F, top + 22), at(side, -reach * 0.4F, top + 24)});
  brush.shape(cap, accessories.color, 8);
  brush.canvas->clipped(cap, [&] {
    brush.line(smooth_curve(Points{at(side, reach * 0.15F, top - 14), at(side, reach * 0.5F, top + 4),
                                   at(side, reach * 0.9F, top + 12)}),
               accessories.color);
    brush.line(smooth_curve(Points{at(side, -reach * 0.6F, top + 25), at(side, reach * 0.1F, top + 15),
                                   at(side, reach * 0.7F, top + 24)}),
               accessories.color, 0.8F);
  });
  brush.shape(smooth_loop(Points{at(side, 10, top - 14), at(side, 12, top - 25), at(side, 16, top - 26),
                                 at(side, 16, top - 14)}),
              accessories.color, 1.5F);
}

void halo(const AccessoryBrush& brush) {
  const float y = std::max(24.0F, brush.design->hair.top - 18);
  const Color color = mix(from_hex(0xffe28a), brush.design->accessories.color, 0.25F);
  const std::vector<Points> ring{ellipse({256, y}, {44, 13}), ellipse({256, y - 0.5F}, {35.5F, 8})};
  brush.canvas->fill_loops(std::vector<Points>{ellipse({256, y}, {49, 17}), ellipse({256, y}, {31, 5})},
                           with_alpha(color, 0.28F));
  brush.canvas->fill_loops(ring, light_of(color, 0.25F));
  for (const Points& edge : ring)
    brush.canvas->stroke(closed(edge), brush.design->style.line_width * 0.8F, shade_of(color, 0.4F));
}

Points band_row(const AccessoryBrush& brush, float drop) {
  const HairDesign& hair = brush.design->hair;
  const float reach = 69 * hair.volume;
  return smooth_curve(Points{at(-1, reach - 1, 116),
                             at(-1, reach * 0.88F, 86 + drop * 0.4F),
                             at(-1, reach * 0.5F, hair.top + 15 + drop),
                             {256, hair.top + 8 + drop},
                             at(1, reach * 0.5F, hair.top + 15 + drop),
                             at(1, reach * 0.88F, 86 + drop * 0.4F),
                             at(1, reach - 1, 116)});
}

void hair_band(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design->accessories;
  brush.shape(joined(band_row(brush, 0), reversed(band_row(brush, 8))), accessories.color, 2.5F);
  const float side = chosen_side(brush);
  const glm::vec2 knot = point_at(band_row(brush, 4), side > 0 ? 0.73F : 0.27F);
  if (brush.design->hair.wave > 0.4F) paint_bow(brush, knot, 14, accessories.color, false);
}

void maid_band(const AccessoryBrush& brush) {
  const Color white{0.99F, 0.99F, 1};
  const Points row = band_row(brush, 5);
  const Points even = resampled(row, 65);
  Points edge;
  for (std::size_t i = 8; i < 57; ++i) {
    const glm::vec2 out = glm::normalize(even[i] - glm::vec2(256, 128));
    edge.push_back(even[i] + out * (13.0F + 2.5F * std::cos(static_cast<float>(i) * 1.5708F)));
  }
  const Points middle(even.begin() + 8, even.begin() + 57);
  brush.shape(joined(middle, reversed(smooth_curve(edge))), white, 3);
  for (std::size_t i = 2; i + 2 < middle.size(); i += 4)
    brush.line(Points{middle[i], glm::mix(middle[i], edge[i], 0.75F)}, white, 0.8F);
  brush.shape(joined(band_row(brush, 2), reversed(band_row(brush, 9))), brush.design->accessories.second,
              2.5F);
}

void big_ribbon(const AccessoryBrush& brush) {
  const float top = brush.design->hair.top;
  paint_bow(brush, {256, std::max(36.0F, top - 1)}, 25, brush.design->accessories.color, false);
}

void flower_crown(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design->accessories;
  const Points row = band_row(brush, 6);
  const Color leaf = from_hex(0x7fae6a);
  for (int i = 0; i < 11; ++i) {
    const glm::vec2 point = point_at(row, 0.16F + 0.068F * static_cast<float>(i));
    brush.shape(ellipse(point + glm::vec2(3, -3), {6, 3}, static_cast<float>(i * 47 % 180)), leaf, 1.5F);
  }
  for (int i = 0; i < 9; ++i) {
    const glm::vec2 point =
        point_at(row, 0.18F + 0.08F * static_cast<float>(i)) + glm::vec2(0, brush.random->jitter(2));
    const Color color = i % 3 == 0   ? accessories.color
                        : i % 3 == 1 ? Color{1, 0.97F, 0.94F}
                                     : light_of(accessories.color, 0.5F);
    paint_flower(brush, point, i % 2 == 0 ? 8.5F : 6.5F, color);
  }
}

// In the hair.

glm::vec2 pin_place(const AccessoryBrush& brush) {
  return at(chosen_side(brush), 44 * brush.design->hair.volume, 92);
}

void hairpin(const AccessoryBrush& brush) {
  const glm::vec2 center = pin_place(brush);
  const float side = chosen_side(brush);
  const Points bar{center + glm::vec2(-12, -2.6F), center + glm::vec2(12, -2.6F),
                   center + glm::vec2(12, 2.6F), center + glm::vec2(-12, 2.6F)};
  brush.shape(smooth_loop(turned(bar, center, side * 32)), brush.design->accessories.color, 1.5F);
  brush.shape(smooth_loop(turned(shifted(bar, {side * -3, 8}), center, side * 32)),
              light_of(brush.design->accessories.color, 0.35F), 1.5F);
}

void crossed_pins(const AccessoryBrush& brush) {
  const glm::vec2 center = pin_place(brush);
  const Points bar{center + glm::vec2(-12, -2.2F), center + glm::vec2(12, -2.2F),
                   center + glm::vec2(12, 2.2F), center + glm::vec2(-12, 2.2F)};
  for (const float degrees : {52.0F, -38.0F})
    brush.shape(turned(bar, center, degrees), brush.design->accessories.color, 1.5F);
}

void star_pin(const AccessoryBrush& brush) {
  brush.shape(star(pin_place(brush), 11, 5, 0.5F, chosen_side(brush) * 14),
              mix(brush.design->accessories.metal, brush.design->accessories.color, 0.3F), 2);
}

void side_ribbon(const AccessoryBrush& brush) {
  paint_bow(brush, at(chosen_side(brush), 56 * brush.design->hair.volume, 88), 15,
            brush.design->accessories.color, true);
}

void flower(const AccessoryBrush& brush) {
  const glm::vec2 center = at(chosen_side(brush), 54 * brush.design->hair.volume, 92);
  const Color leaf = from_hex(0x7fae6a);
  brush.shape(ellipse(center + glm::vec2(-chosen_side(brush) * 12, 8), {9, 4}, -chosen_side(brush) * 30),
              leaf, 2);
  paint_flower(brush, center, 15, light_of(brush.design->accessories.color, 0.2F));
}

// Round the neck.

void choker(const AccessoryBrush& brush) {
  const float n = BodyShape(brush.design->body).neck;
  const Color color = shade_of(brush.design->accessories.color, 0.25F);
  brush.shape(joined(smooth_curve(Points{at(-1, n, 203), {256, 208}, at(1, n, 203)}),
                     smooth_curve(Points{at(1, n + 0.5F, 209), {256, 214}, at(-1, n + 0.5F, 209)})),
              color, 2);
  brush.shape(ellipse({256, 215}, {3, 3.6F}), brush.design->accessories.metal, 1);
}

void scarf(const AccessoryBrush& brush) {
  const Color color = brush.design->accessories.color;
  const float side = chosen_side(brush);
  const Points end = joined(smooth_curve(Points{at(side, 14, 222), at(side, 20, 262), at(side, 17, 312)}),
                            smooth_curve(Points{at(side, 41, 310), at(side, 42, 262), at(side, 34, 224)}));
  brush.shape(end, color, 5);
  brush.canvas->clipped(end, [&] {
    for (const float y : {290.0F, 299.0F})
      brush.canvas->stroke(Points{at(side, 8, y), at(side, 50, y - 2)}, 4, brush.design->accessories.second);
  });
  brush.line(closed(end), color);
  const Points wrap = smooth_loop(Points{at(-1, 40, 206),
                                         at(-1, 22, 200),
                                         {256, 206},
                                         at(1, 22, 200),
                                         at(1, 40, 206),
                                         at(1, 44, 222),
                                         at(1, 24, 236),
                                         {256, 241},
                                         at(-1, 24, 236),
                                         at(-1, 44, 222)});
  brush.shape(wrap, color, 6);
  brush.canvas->clipped(wrap, [&] {
    brush.line(smooth_curve(Points{at(-1, 42, 212), at(-1, 10, 226), at(1, 26, 230)}), color);
    brush.line(smooth_curve(Points{at(1, 42, 210), at(1, 20, 222), at(-1, 6, 226)}), color);
    brush.line(smooth_curve(Points{at(-1, 40, 222), at(-1, 18, 232), {256, 236}}), color, 0.8F);
  });
}

void pendant(const AccessoryBrush& brush) {
  const float n = BodyShape(brush.design->body).neck;
  const Color metal = brush.design->accessories.metal;
  brush.canvas->stroke(
      smooth_curve(
          Points{at(-1, n + 2, 211), at(-1, 10, 240), {256, 254}, at(1, 10, 240), at(1, n + 2, 211)}),
      1.5F, shade_of(metal, 0.35F));
  brush.shape(turned(Points{{250, 252}, {262, 252}, {262, 264}, {250, 264}}, {256, 258}, 45),
              brush.design->accessories.color, 2.5F);
}

void add_accessory_sheet(RigBuilder& builder, const CharacterDesign& design, const Accessory& accessory,
                         void (*paint)(const AccessoryBrush&), bool is_behind) {
  if (paint == nullptr) return;
  SeededRandom random(design.seed, accessory.name);
  Canvas canvas({150, 4}, {212, 330});
  paint({&canvas, &design, &random});
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

void AccessoryBrush::shape(const Points& loop, const Color& color, float edge) const {
  const DrawingStyle& style = design->style;
  canvas->fill(loop, color);
  canvas->clipped(loop, [&] {
    const Color dark = shade_of(color, 0.3F * style.shade_strength);
    canvas->fill_loops(std::vector<Points>{loop, shifted(loop, {-edge, -edge * 0.7F})},
                       with_alpha(dark, 0.9F));
  });
  canvas->line(closed(loop),
               LineWidth{style.line_width, style.line_width * 0.7F, style.line_width * 0.7F, 0.1F, 0.1F},
               mix(color, line_color_of(color), std::min(1.0F, 0.3F + style.line_darkness)));
}

void AccessoryBrush::line(const Points& path, const Color& color, float width) const {
  canvas->line(path, LineWidth{design->style.line_width * width, 0, 0},
               with_alpha(line_color_of(color), 0.85F));
}

glm::vec2 AccessoryBrush::on_skull(float along, float inwards) const {
  return point_at(skull_arc(design->hair, -inwards), along);
}

const std::vector<Accessory>& accessories() {
  static const std::vector<Accessory> list{
      {.name = "round", .paint = round_glasses, .is_glasses = true},
      {.name = "rectangular", .paint = rectangular_glasses, .is_glasses = true},
      {.name = "under_rim", .paint = under_rim_glasses, .is_glasses = true},
      {.name = "cat_ears", .paint = cat_ears},
      {.name = "fox_ears", .paint = fox_ears},
      {.name = "rabbit_ears", .paint = rabbit_ears},
      {.name = "horns", .paint = horns},
      {.name = "headphones", .paint = headphone_cups},
      {.name = "small_hat", .paint = small_hat},
      {.name = "beret", .paint = beret},
      {.name = "halo", .paint_behind = halo},
      {.name = "hair_band", .paint = hair_band},
      {.name = "maid_band", .paint = maid_band},
      {.name = "big_ribbon", .paint = big_ribbon},
      {.name = "flower_crown", .paint = flower_crown},
      {.name = "hairpin", .paint = hairpin},
      {.name = "crossed_pins", .paint = crossed_pins},
      {.name = "star_pin", .paint = star_pin},
      {.name = "side_ribbon", .paint = side_ribbon},
      {.name = "flower", .paint = flower},
      {.name = "choker", .paint = choker, .is_on_neck = true},
      {.name = "scarf", .paint = scarf, .is_on_neck = true},
      {.name = "pendant", .paint = pendant, .is_on_neck = true},
  };
  return list;
}

void add_accessories(RigBuilder& builder, const CharacterDesign& design) {
  const AccessoryDesign& worn = design.accessories;
  for (const std::string* name : {&worn.neck, &worn.glasses, &worn.head, &worn.hair}) {
    if (*name == "none") continue;
    const auto accessory = std::ranges::find(accessories(), *name, &Accessory::name);
    if (accessory == accessories().end()) throw Error("no function paints the accessory '" + *name + "'");
    add_accessory_sheet(builder, design, *accessory, accessory->paint_behind, true);
    add_accessory_sheet(builder, design, *accessory, accessory->paint, false);
  }
}

}  // namespace tha4
