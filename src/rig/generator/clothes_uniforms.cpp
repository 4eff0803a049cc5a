#include <array>
#include <cmath>

#include "clothes_kinds.h"

namespace tha4::generator {
namespace {

Color shirt_white() {
  return {0.985F, 0.985F, 0.995F};
}

bool is_light(const Color& color) {
  return to_hsl(color).z > 0.78F;
}

/// Of two colours the one for skirts and trousers: the darker.
Color bottom_color(const ClothesDesign& clothes) {
  return to_hsl(clothes.main).z < to_hsl(clothes.second).z ? clothes.main : clothes.second;
}

/// A jacket's front edge from the neck to the hem, where it is closed by a button.
Points front_edge(const BodyShape& shape, float side, float button_y, float hem, float gap) {
  return smooth_curve(Points{beside(side, shape.neck + 5, 212), beside(side, 17, 244),
                             beside(side, 3, button_y - 8), beside(side, 1 - gap * 0.2F, button_y + 14),
                             beside(side, 5 + gap, hem)});
}

void paint_jacket(ClothesBrush& brush, const Color& color, float button_y, float hem, float gap,
                  bool has_pattern) {
  const BodyShape& shape = brush.shape();
  for (const float side : {1.0F, -1.0F}) {
    Points outer = shape.torso_side(side, hem, 4);
    std::erase_if(outer, [&](glm::vec2 point) { return std::abs(point.x - 256) < shape.neck + 4; });
    const Points loop = joined(outer, reversed(front_edge(shape, side, button_y, hem, gap)));
    brush.panel(loop, color, side > 0 ? 9.0F : 5.0F, has_pattern);
    brush.canvas().clipped(loop, [&] {
      const float a = shape.armpit;
      brush.fold({beside(side, a + 5, 268), beside(side, a - 8, 279), beside(side, a - 22, 285)}, color, 5);
      brush.fold({beside(side, a + 4, 277), beside(side, a - 8, 294), beside(side, a - 13, 306)}, color,
                 3.5F);
      brush.fold({beside(side, shape.waist + 5, 343), beside(side, shape.waist - 10, 340),
                  beside(side, shape.waist - 24, button_y + 2)},
                 color, 4.5F);
      brush.fold({beside(side, 6, button_y), beside(side, 16, button_y - 7), beside(side, 26, button_y - 9)},
                 color, 3);
      brush.fold({beside(side, 30, hem), beside(side, 27, hem - 18), beside(side, 29, hem - 36)}, color,
                 3.5F);
      if (shape.bust > 0.25F)
        brush.fold({beside(side, 18, 286), beside(side, 30, 289), beside(side, 41, 280)}, color,
                   2 + shape.bust * 2);
    });
  }
}

void paint_pocket(ClothesBrush& brush, float side, float y, const Color& color) {
  brush.panel(
      Points{beside(side, 24, y), beside(side, 43, y - 2), beside(side, 44, y + 6), beside(side, 24, y + 8)},
      color, 2);
}

void paint_lapels(ClothesBrush& brush, const Color& color, float button_y) {
  const BodyShape& shape = brush.shape();
  for (const float side : {-1.0F, 1.0F}) {
    const Points lapel{beside(side, shape.neck + 3, 211),
                       beside(side, shape.neck + 13, 219),
                       beside(side, 33, 246),
                       beside(side, 23, 248),
                       beside(side, 28, 257),
                       beside(side, 2.5F, button_y - 4),
                       beside(side, 12, 252),
                       beside(side, shape.neck - 1, 224)};
    brush.panel(lapel, color, 3);
    brush.seam(Points{beside(side, 23, 248), beside(side, shape.neck + 1, 232)}, color, 0.8F);
  }
}

void paint_shirt_collar(ClothesBrush& brush, const Color& color) {
  const BodyShape& shape = brush.shape();
  for (const float side : {-1.0F, 1.0F}) {
    const Points wing{beside(side, shape.neck + 1, 201),
                      beside(side, shape.neck + 5, 209),
                      beside(side, 20, 233),
                      beside(side, 12, 239),
                      beside(side, 1, 222),
                      beside(side, 4, 217)};
    brush.panel(wing, color, 3);
  }
}

void paint_sailor(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const Color top = is_light(clothes.main) ? clothes.main : shirt_white();
  const Color navy = bottom_color(clothes);
  brush.skirt(navy, 362, 456 + 30 * clothes.hem, 20, 9, brush.is_woven());
  brush.bodice(top, 372 + 8 * clothes.hem, 44, 4, true, false, 3);
  brush.sleeves(top, clothes.is_mirrored ? 0.42F : 1.0F, clothes.is_mirrored ? 1.35F : 1.12F,
                clothes.is_mirrored ? 9 : 16, navy);
}

void paint_sailor_collar(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  const Color navy = bottom_color(clothes);
  const Color stripe = is_light(navy) ? clothes.accent : shirt_white();
  // The cloth behind the V.
  brush.panel(Points{beside(-1, 17, 236), beside(1, 17, 236), {256, 262}},
              is_light(clothes.main) ? clothes.main : shirt_white(), 2);
  for (const float side : {-1.0F, 1.0F}) {
    const Points inner =
        smooth_curve(Points{beside(side, shape.neck + 3, 209), beside(side, 16, 232), beside(side, 1, 263)});
    const Points outer = smooth_curve(
        Points{beside(side, 5, 270), beside(side, 34, 258), beside(side, shape.shoulder - 9, 252)});
    const Points top =
        smooth_curve(Points{beside(side, shape.shoulder - 8, 240), beside(side, shape.shoulder - 18, 225),
                            beside(side, shape.neck + 16, 217), beside(side, shape.neck + 3, 209)});
    const Points loop = joined(joined(inner, outer), top);
    brush.panel(loop, navy, 3);
    brush.canvas().clipped(loop, [&] {
      for (const float inset : {5.0F, 8.5F}) {
        brush.trim(smooth_curve(Points{beside(side, 3, 270 - inset * 1.1F), beside(side, 33, 258 - inset),
                                       beside(side, shape.shoulder - 9 - inset * 0.6F, 252 - inset),
                                       beside(side, shape.shoulder - 9 - inset * 0.7F, 236)}),
                   1.3F, stripe);
      }
      brush.fold({beside(side, 20, 262), beside(side, 22, 245), beside(side, 19, 230)}, navy, 3);
    });
  }
  brush.bow({256, 266}, clothes.is_mirrored ? 20 : 17, clothes.accent);
}

void paint_blazer(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  brush.usual_bottom(clothes.second, 366, true);
  brush.bodice(shirt_white(), 366, 20, 3, true, false, 1);
  paint_jacket(brush, clothes.main, 312, 386 + 10 * clothes.hem, 9, false);
  brush.sleeves(clothes.main, 0.98F, 1.12F, 0, clothes.main);
  paint_pocket(brush, 1, 352, clothes.main);
  paint_pocket(brush, -1, 352, clothes.main);
  brush.button({256, 314}, 3.4F, clothes.accent);
  brush.button({256, 338}, 3.4F, clothes.accent);
  paint_lapels(brush, clothes.main, 310);
  for (const float side : {-1.0F, 1.0F}) {
    if (brush.shape().is_raised(side)) continue;
    const Points hand = brush.shape().arm(side);
    brush.button(hand.back() + glm::vec2(side * 6, -12), 2.2F, clothes.accent);
  }
}

void paint_blazer_collar(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  if (brush.design().is_masculine || !clothes.is_mirrored) {
    brush.neck_tie({256, 226}, 66, clothes.accent);
    paint_shirt_collar(brush, shirt_white());
  } else {
    paint_shirt_collar(brush, shirt_white());
    brush.bow({256, 230}, 14, clothes.accent, clothes.hem > 0.5F);
  }
}

void paint_cardigan(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  brush.usual_bottom(bottom_color(clothes), 366, true);
  brush.bodice(shirt_white(), 374, 20, 3, true, false, 1);
  for (float y = 296; y < 366; y += 18) brush.button({256, y}, 1.8F, {0.9F, 0.9F, 0.95F});
  const Color wool = is_light(clothes.main) ? clothes.accent : clothes.main;
  paint_jacket(brush, wool, 300, 396, 6, false);
  for (const float side : {-1.0F, 1.0F}) {
    // A ribbed border along the front.
    const Points edge = front_edge(brush.shape(), side, 300, 397, 6);
    Points band = edge;
    for (glm::vec2& point : band) point.x += side * 3;
    brush.trim(band, 5.5F, shade_of(wool, 0.1F));
    brush.seam(edge, wool);
    for (glm::vec2& point : band) point.x += side * 3;
    brush.seam(band, wool, 0.8F);
    for (float x = 14; x < brush.shape().hip + 2; x += 4)
      brush.seam(Points{beside(side, x, 388), beside(side, x, 396)}, wool, 0.55F);
  }
  for (float y = 304; y < 392; y += 22) brush.button({256, y}, 3, clothes.accent);
  brush.sleeves(wool, 1.0F, 1.25F, 14, shade_of(wool, 0.08F));
}

void paint_idol_jacket(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  const Color gold = from_hex(0xeac25c);
  if (brush.design().is_masculine) {
    brush.trousers(bottom_color(clothes), 360, 548);
  } else {
    brush.skirt(clothes.second, 356, 470 + 12 * clothes.hem, 28, 0, false);
    brush.skirt(clothes.main, 354, 448, 24, 8, true);
  }
  brush.bodice(clothes.main, 364, 2, 3, false, false, 4);
  brush.sleeves(clothes.main, 1.0F, 1.12F, 22, clothes.second);
  // A plastron with two rows of buttons and braid.
  const Points plastron = smooth_loop(Points{beside(-1, 24, 232), beside(1, 24, 232), beside(1, 22, 290),
                                             beside(1, 13, 345), beside(-1, 13, 345), beside(-1, 22, 290)});
  brush.panel(plastron, clothes.second, 5);
  for (float y = 248; y < 345; y += 20) {
    const float x = 19 - (y - 248) * 0.07F;
    brush.trim(smooth_curve(Points{beside(-1, x, y), {256, y + 4}, beside(1, x, y)}), 1.8F, gold);
    for (const float side : {-1.0F, 1.0F}) brush.button(beside(side, x, y), 2.8F, gold);
  }
  brush.trim(smooth_curve(Points{beside(-1, shape.hip - 2, 362), {256, 369}, beside(1, shape.hip - 2, 362)}),
             2.4F, gold);
  for (const float side : {-1.0F, 1.0F}) {
    const Points epaulette =
        smooth_loop(Points{beside(side, shape.shoulder - 30, 222), beside(side, shape.shoulder - 4, 229),
                           beside(side, shape.shoulder + 4, 240), beside(side, shape.shoulder - 12, 239),
                           beside(side, shape.shoulder - 32, 230)});
    brush.panel(epaulette, clothes.accent, 3);
    for (int i = 0; i < 7; ++i) {
      const float x = shape.shoulder - 14 + 3 * static_cast<float>(i);
      const float y = 240 - 0.4F * std::abs(static_cast<float>(i) - 2);
      brush.trim(smooth_curve(
                     Points{beside(side, x, y), beside(side, x + 0.8F, y + 6), beside(side, x + 1, y + 11)}),
                 2, gold);
      brush.seam(smooth_curve(Points{beside(side, x + 1.4F, y), beside(side, x + 2.1F, y + 6),
                                     beside(side, x + 2.3F, y + 10)}),
                 gold, 0.4F);
    }
    if (brush.shape().is_raised(side)) continue;
    const Points arm = brush.shape().arm(side);
    const glm::vec2 cuff = arm.back() + glm::vec2(0, -24);
    brush.trim(Points{cuff + glm::vec2(-11, 0), cuff + glm::vec2(12, 0)}, 1.8F, gold);
  }
}

void paint_idol_collar(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const float n = brush.shape().neck;
  for (const float side : {-1.0F, 1.0F}) {
    const Points wing = joined(
        smooth_curve(Points{beside(side, n + 3, 197), beside(side, n + 8, 212), beside(side, n + 9, 226)}),
        Points{beside(side, 7, 232), beside(side, 1, 218), beside(side, n - 4, 211)});
    brush.panel(wing, clothes.second, 3);
    brush.trim(Points{beside(side, n + 7, 224), beside(side, 7, 229.5F), beside(side, 2, 218)}, 1.5F,
               from_hex(0xeac25c));
  }
  brush.bow({256, 232}, 16, clothes.accent);
  brush.button({256, 232}, 4, from_hex(0xeac25c));
}

constexpr auto kUniformRows = std::to_array<ClothesStyle>({
    {.name = "sailor", .paint = paint_sailor, .paint_collar = paint_sailor_collar},
    {.name = "blazer", .paint = paint_blazer, .paint_collar = paint_blazer_collar},
    {.name = "cardigan", .paint = paint_cardigan, .paint_collar = paint_blazer_collar},
    {.name = "idol_jacket", .paint = paint_idol_jacket, .paint_collar = paint_idol_collar},
});

}  // namespace

std::span<const ClothesStyle> uniforms() {
  return kUniformRows;
}

}  // namespace tha4::generator
