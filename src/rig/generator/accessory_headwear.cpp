#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "accessories.h"
#include "hair.h"
#include <glm/common.hpp>

// What is worn over the hair and hides most of it.

namespace tha4::generator {
namespace {

/// A hood's outer edge, from one shoulder over the head to the other.
Points hood_edge(const AccessoryBrush& brush) {
  const float reach = 70 * brush.design().hair.volume + 8;
  const Points arc = skull_arc(brush.design().hair, 9);
  Points edge = smooth_curve(
      Points{beside(-1, 50, 226), beside(-1, reach - 2, 205), beside(-1, reach + 3, 178), arc.front()});
  edge = joined(edge, arc);
  return joined(edge, smooth_curve(Points{arc.back(), beside(1, reach + 3, 178), beside(1, reach - 2, 205),
                                          beside(1, 50, 226)}));
}

Points hood_loop(const AccessoryBrush& brush) {
  return joined(hood_edge(brush), smooth_curve(Points{beside(1, 50, 226), {256, 247}, beside(-1, 50, 226)}));
}

void paint_hood(const AccessoryBrush& brush, bool has_ears) {
  const AccessoryDesign& accessories = brush.design().accessories;
  const Color color = accessories.color;
  const float top = brush.design().hair.top;
  if (has_ears) {
    for (const float side : {-1.0F, 1.0F}) {
      const Points ear = smooth_curve(Points{
          beside(side, 16, top + 1), beside(side, 38, std::max(9.0F, top - 32)), beside(side, 66, top + 24)});
      brush.ornament().shape(ear, color, 5);
      const Points hollow =
          smooth_curve(Points{beside(side, 26, top + 3), beside(side, 39, std::max(17.0F, top - 21)),
                              beside(side, 56, top + 16)});
      brush.ornament().shape(hollow, accessories.second, 3);
    }
  }
  Canvas hood = brush.canvas().another();
  const OrnamentBrush ornament(hood, brush.design().style);
  const Points loop = hood_loop(brush);
  ornament.shape(loop, color, 8);
  hood.clipped(loop, [&] {
    for (const float side : {-1.0F, 1.0F}) {
      ornament.line(smooth_curve(Points{beside(side, 72, 150), beside(side, 66, 186), beside(side, 48, 214)}),
                    color);
      ornament.line(smooth_curve(Points{beside(side, 64, 204), beside(side, 44, 226), beside(side, 20, 234)}),
                    color);
      ornament.line(smooth_curve(Points{beside(side, 30, top - 4), beside(side, 50, top + 14),
                                        beside(side, 60, top + 40)}),
                    color, 0.8F);
    }
    ornament.line(Points{{256, top - 12}, {256, top + 26}}, color, 0.8F);
  });
  // The opening shows the face, the fringe and locks that hang out of it.
  Points half;
  for (const float side : {1.0F, -1.0F}) {
    const Points down{beside(side, 34, top + 27), beside(side, 55, top + 52), beside(side, 62, 130),
                      beside(side, 61, 164),      beside(side, 52, 196),      beside(side, 36, 216),
                      beside(side, 14, 229)};
    half = joined(half, side > 0 ? down : reversed(down));
  }
  const Points opening = smooth_loop(joined(Points{{256, top + 20}}, half));
  const Points hem = closed(opening);
  hood.stroke(hem, 9, line_color_of(color));
  hood.stroke(hem, 7.5F, shade_of(accessories.second, 0.05F));
  hood.erase(opening);
  brush.canvas().draw(hood);
}

/// A cap's crown over the hair, down to \p level at the sides; \p rise of its lower edge in the middle.
Points crown(const AccessoryBrush& brush, float spread, float level, float rise) {
  Points arc = skull_arc(brush.design().hair, spread);
  std::erase_if(arc, [level](glm::vec2 point) { return point.y > level; });
  return joined(arc, smooth_curve(Points{arc.back(), {256, arc.back().y + rise}, arc.front()}));
}

Points brim(float y, float half_width, float drop, float depth) {
  return smooth_loop(Points{{256 - half_width, y},
                            {256 - half_width * 0.7F, y - depth * 0.35F},
                            {256, y - depth * 0.5F},
                            {256 + half_width * 0.7F, y - depth * 0.35F},
                            {256 + half_width, y},
                            {256 + half_width * 0.68F, y + drop * 0.8F},
                            {256, y + drop + depth * 0.3F},
                            {256 - half_width * 0.68F, y + drop * 0.8F}});
}

void paint_ribbon_around(const AccessoryBrush& brush, float y, float half_width, float height) {
  const AccessoryDesign& accessories = brush.design().accessories;
  brush.ornament().shape(
      joined(smooth_curve(Points{{256 - half_width, y}, {256, y + 6}, {256 + half_width, y}}),
             smooth_curve(Points{{256 + half_width * 0.97F, y - height},
                                 {256, y - height + 6},
                                 {256 - half_width * 0.97F, y - height}})),
      accessories.second, 3);
}

void paint_plain_hood(const AccessoryBrush& brush) {
  paint_hood(brush, false);
}
void paint_cat_hood(const AccessoryBrush& brush) {
  paint_hood(brush, true);
}

void paint_hood_inside(const AccessoryBrush& brush) {
  brush.canvas().fill(hood_loop(brush), shade_of(brush.design().accessories.color, 0.5F));
}

void paint_beanie(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design().accessories;
  const float top = brush.design().hair.top;
  const Points cap = crown(brush, 6, top + 52, -8);
  brush.ornament().shape(cap, accessories.color, 8);
  brush.canvas().clipped(cap, [&] {
    for (int i = -4; i <= 4; ++i) {
      const auto x = static_cast<float>(i);
      brush.ornament().line(
          smooth_curve(Points{{256 + x * 7, top - 6}, {256 + x * 14, top + 14}, {256 + x * 16, top + 50}}),
          accessories.color, 0.7F);
    }
  });
  const float half = 70 * brush.design().hair.volume + 7;
  const Points fold = joined(smooth_curve(Points{{256 - half, top + 60},
                                                 {256 - half * 0.6F, top + 46},
                                                 {256, top + 41},
                                                 {256 + half * 0.6F, top + 46},
                                                 {256 + half, top + 60}}),
                             smooth_curve(Points{{256 + half - 1, top + 42},
                                                 {256 + half * 0.6F, top + 26},
                                                 {256, top + 21},
                                                 {256 - half * 0.6F, top + 26},
                                                 {256 - half + 1, top + 42}}));
  brush.ornament().shape(fold, mix(accessories.color, accessories.second, 0.6F), 5);
  if (accessories.is_left)
    brush.ornament().shape(ellipse({256, std::max(17.0F, top - 12)}, {12, 11}), accessories.second, 4);
}

void paint_cap(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design().accessories;
  const float top = brush.design().hair.top;
  const float half = 70 * brush.design().hair.volume;
  const Points dome = crown(brush, 5, top + 44, 6);
  brush.ornament().shape(dome, accessories.color, 9);
  brush.canvas().clipped(dome, [&] {
    for (const float side : {-1.0F, 1.0F})
      brush.ornament().line(
          smooth_curve(Points{{256, top - 6}, beside(side, 30, top + 8), beside(side, 42, top + 50)}),
          accessories.color, 0.8F);
  });
  brush.ornament().shape(ellipse({256, top - 4}, {5, 3.4F}), accessories.second, 1);
  brush.ornament().shape(star({256, top + 22}, 11, 5, 0.5F), accessories.second, 2);
  // The visor.
  const Points visor = joined(smooth_curve(Points{{256 - half * 0.86F, top + 46},
                                                  {256 - half * 0.5F, top + 35},
                                                  {256, top + 32},
                                                  {256 + half * 0.5F, top + 35},
                                                  {256 + half * 0.86F, top + 46}}),
                              smooth_curve(Points{{256 + half * 0.92F, top + 56},
                                                  {256 + half * 0.55F, top + 58},
                                                  {256, top + 55},
                                                  {256 - half * 0.55F, top + 58},
                                                  {256 - half * 0.92F, top + 56}}));
  brush.ornament().shape(visor, accessories.second, 4);
}

void paint_straw_hat(const AccessoryBrush& brush) {
  const Color straw = mix(from_hex(0xecd093), brush.design().accessories.second, 0.15F);
  const float top = brush.design().hair.top;
  const float y = top + 34;
  brush.ornament().shape(brim(y, 102, 15, 16), straw, 5);
  const float peak = std::max(10.0F, top - 24);
  const Points dome = joined(smooth_curve(Points{{256 - 67, y + 2},
                                                 {256 - 62, glm::mix(y, peak, 0.6F)},
                                                 {256 - 36, peak + 3},
                                                 {256, peak},
                                                 {256 + 36, peak + 3},
                                                 {256 + 62, glm::mix(y, peak, 0.6F)},
                                                 {256 + 67, y + 2}}),
                             smooth_curve(Points{{256 + 67, y + 2}, {256, y + 9}, {256 - 67, y + 2}}));
  brush.ornament().shape(dome, straw, 8);
  brush.canvas().clipped(dome, [&] {
    for (float row = peak + 10; row < y; row += 9)
      brush.ornament().line(smooth_curve(Points{{186, row}, {256, row + 6}, {326, row}}), straw, 0.5F);
  });
  paint_ribbon_around(brush, y + 1, 67, 14);
}

void paint_witch_hat(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design().accessories;
  const Color cloth = shade_of(accessories.color, 0.35F);
  const float side = brush.chosen_side();
  const float top = brush.design().hair.top;
  const float y = top + 30;
  brush.ornament().shape(brim(y, 103, 13, 15), cloth, 5);
  const Points cone =
      joined(smooth_curve(Points{beside(side, -64, y + 1), beside(side, -44, top + 2), beside(side, -10, 22),
                                 beside(side, 30, 10), beside(side, 66, 20)}),
             smooth_curve(Points{beside(side, 66, 21), beside(side, 40, 25), beside(side, 44, top + 6),
                                 beside(side, 64, y + 1), beside(side, 0, y + 8), beside(side, -64, y + 1)}));
  brush.ornament().shape(cone, cloth, 7);
  brush.canvas().clipped(cone, [&] {
    brush.ornament().line(
        smooth_curve(Points{beside(side, -20, 30), beside(side, 8, 28), beside(side, 34, 26)}), cloth);
    brush.ornament().line(
        smooth_curve(Points{beside(side, 46, top + 8), beside(side, 24, top), beside(side, 6, top + 4)}),
        cloth, 0.8F);
  });
  paint_ribbon_around(brush, y, 64, 13);
  brush.ornament().shape(star({256, y - 2}, 8, 5, 0.5F), accessories.metal, 1.5F);
}

constexpr auto kHeadwearRows = std::to_array<Accessory>({
    {.name = "none"},
    {.name = "hood", .paint = paint_plain_hood, .paint_behind = paint_hood_inside, .back_hair = "short"},
    {.name = "cat_hood", .paint = paint_cat_hood, .paint_behind = paint_hood_inside, .back_hair = "short"},
    {.name = "beanie", .paint = paint_beanie},
    {.name = "cap", .paint = paint_cap},
    {.name = "straw_hat", .paint = paint_straw_hat},
    {.name = "witch_hat", .paint = paint_witch_hat},
});
constexpr Kinds<Accessory> kHeadwear{"headwear", kHeadwearRows};

}  // namespace

const Kinds<Accessory>& headwear() {
  return kHeadwear;
}

}  // namespace tha4::generator
