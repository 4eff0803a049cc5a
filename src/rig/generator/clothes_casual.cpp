#include <array>
#include <cmath>

#include "clothes_kinds.h"
#include "ornaments.h"

namespace tha4::generator {
namespace {

void paint_ribs(ClothesBrush& brush, float from, float to, float top, float bottom, const Color& color) {
  for (float x = from; x <= to; x += 4.5F) {
    const float bow = 4 * (1 - std::pow((x - 256) / 60, 2.0F));
    brush.seam(Points{{x, top + bow}, {x, bottom + bow}}, color, 0.6F);
  }
}

/// What is printed on the chest.
void paint_print(ClothesBrush& brush, const Color& ground) {
  const Color ink = brush.clothes().accent;
  const glm::vec2 center(256, 296);
  switch (brush.random().index(5)) {
    case 0:
      brush.panel(star(center, 20, 5, 0.45F), ink, 3);
      break;
    case 1:
      for (const float x : {-1.0F, 1.0F}) {
        brush.canvas().fill(ellipse(center + glm::vec2(x * 9, -7), {5, 9}, x * 12), ink);
      }
      brush.canvas().fill(ellipse(center + glm::vec2(0, 8), {15, 12}), ink);
      brush.canvas().fill(ellipse(center + glm::vec2(-5, 6), {1.7F, 2.3F}), ground);
      brush.canvas().fill(ellipse(center + glm::vec2(5, 6), {1.7F, 2.3F}), ground);
      break;
    case 2:
      for (int i = 0; i < 3; ++i) {
        const float y = 282 + 11 * static_cast<float>(i);
        brush.trim(smooth_curve(Points{beside(-1, 24, y), {256, y + 2}, beside(1, 24, y)}), 5,
                   mix(ink, ground, 0.25F * static_cast<float>(i)));
      }
      break;
    case 3: {
      Points heart;
      for (int i = 0; i < 40; ++i) {
        const float t = static_cast<float>(i) * 0.15708F;
        const float s = std::sin(t);
        heart.push_back(center + 1.2F * glm::vec2(16 * s * s * s, -(13 * std::cos(t) - 5 * std::cos(2 * t) -
                                                                    2 * std::cos(3 * t) - std::cos(4 * t))));
      }
      brush.panel(heart, ink, 3);
      break;
    }
    default:
      break;
  }
}

void paint_hoodie(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  brush.usual_bottom(clothes.second, 384, true);
  const float hem = 412;
  const Points loop = brush.bodice(clothes.main, hem, 6, 4, false, true, 7);
  const Points band = joined(smooth_curve(Points{beside(1, shape.hip + 8, hem - 12), beside(0, 0, hem - 6),
                                                 beside(-1, shape.hip + 8, hem - 12)}),
                             smooth_curve(Points{beside(-1, shape.hip + 4, hem + 2), beside(0, 0, hem + 7),
                                                 beside(1, shape.hip + 4, hem + 2)}));
  brush.panel(band, shade_of(clothes.main, 0.06F), 4);
  paint_ribs(brush, 256 - shape.hip, 256 + shape.hip, hem - 9, hem + 2, clothes.main);
  const Points pocket{beside(-1, 20, 340), beside(1, 20, 340),  beside(1, 37, 368),
                      beside(1, 36, 392),  beside(-1, 36, 392), beside(-1, 37, 368)};
  brush.panel(pocket, clothes.main, 3);
  brush.canvas().clipped(loop, [&] {
    brush.fold({beside(-1, 40, 330), beside(-1, 20, 334), beside(-1, 4, 330)}, clothes.main, 4);
    brush.fold({beside(1, 22, 392), beside(1, 18, 378), beside(1, 20, 362)}, clothes.main, 3);
  });
  if (clothes.is_mirrored) {
    brush.seam(Points{{256, 232}, {256, 404}}, clothes.main);
    brush.trim(Points{{256, 234}, {256, 402}}, 1.6F, from_hex(0xd8dbe2));
  } else if (brush.is_plain()) {
    paint_print(brush, clothes.main);
  }
  brush.sleeves(clothes.main, 1.04F, 1.32F, 15,
                clothes.hem > 0.5F ? clothes.second : shade_of(clothes.main, 0.08F));
}

void paint_hood_behind(ClothesBrush& brush) {
  const Color inside = shade_of(brush.clothes().second, 0.28F);
  const Points hood = smooth_loop(Points{beside(-1, 54, 224),
                                         beside(-1, 58, 206),
                                         beside(-1, 44, 192),
                                         beside(-1, 20, 186),
                                         beside(1, 20, 186),
                                         beside(1, 44, 192),
                                         beside(1, 58, 206),
                                         beside(1, 54, 224),
                                         {256, 240}});
  brush.panel(hood, brush.clothes().main, 6);
  brush.panel(smooth_loop(Points{beside(-1, 42, 222),
                                 beside(-1, 44, 206),
                                 beside(-1, 22, 196),
                                 beside(1, 22, 196),
                                 beside(1, 44, 206),
                                 beside(1, 42, 222),
                                 {256, 236}}),
              inside, 4);
}

void paint_hood_front(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  for (const float side : {-1.0F, 1.0F}) {
    const Points outer = smooth_curve(
        Points{beside(side, 52, 207), beside(side, 47, 228), beside(side, 28, 246), beside(side, 0, 258)});
    const Points inner = smooth_curve(
        Points{beside(side, 0, 240), beside(side, 15, 230), beside(side, 24, 215), beside(side, 30, 201)});
    const Points loop = joined(outer, inner);
    brush.panel(loop, clothes.main, 4);
    brush.canvas().clipped(loop, [&] {
      brush.fold({beside(side, 46, 212), beside(side, 38, 226), beside(side, 22, 238)}, clothes.main, 4);
      brush.fold({beside(side, 30, 208), beside(side, 26, 222), beside(side, 14, 236)}, clothes.main, 2.5F);
    });
    const Points string = smooth_curve(Points{beside(side, 12, 243), beside(side, 14, 262),
                                              beside(side, 11, 282), beside(side, 12.5F, 298)});
    brush.seam(string, clothes.second, 2.4F);
    brush.trim(string, 1.6F, light_of(clothes.second, 0.2F));
    brush.button(beside(side, 12, 243), 2.2F, from_hex(0xd0d4dc));
    brush.canvas().fill(ellipse(beside(side, 12.5F, 300), {2, 4}), clothes.accent);
  }
}

void paint_t_shirt(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  brush.usual_bottom(clothes.second, 376, false);
  const bool is_plain = brush.is_plain();
  brush.bodice(clothes.main, 398, 14, 5, clothes.hem < 0.25F, !is_plain, 4);
  const float n = brush.shape().neck + 5;
  if (clothes.hem >= 0.25F) {
    const Points rim = smooth_curve(Points{beside(-1, n + 1, 210),
                                           beside(-1, n * 0.64F, 224),
                                           {256, 228},
                                           beside(1, n * 0.64F, 224),
                                           beside(1, n + 1, 210)});
    brush.canvas().line(rim, LineWidth{5.5F + brush.line_width(), 5, 5, 0.1F, 0.1F},
                        brush.line_of(clothes.second));
    brush.canvas().line(rim, LineWidth{4.5F, 4, 4, 0.1F, 0.1F},
                        clothes.is_mirrored ? clothes.second : clothes.main);
  }
  if (is_plain) paint_print(brush, clothes.main);
  brush.sleeves(clothes.is_mirrored ? clothes.second : clothes.main, 0.42F, 1.45F, 0, clothes.second,
                !is_plain && !clothes.is_mirrored);
}

void paint_turtleneck(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  brush.bodice(clothes.main, 404, 0, 2, false, false, 4);
  for (float x = 256 - shape.armpit + 8; x < 256 + shape.armpit - 4; x += 11) {
    const float lean = (x - 256) * 0.1F;
    brush.seam(smooth_curve(Points{{x, 248}, {x - lean, 320}, {x + lean * 0.5F, 396}}),
               shade_of(clothes.main, 0.02F), 0.55F);
  }
  brush.usual_bottom(clothes.second, clothes.hem > 0.4F ? 356.0F : 384.0F, true);
  brush.sleeves(clothes.main, 1.03F, 1.22F, 16, clothes.main);
}

void paint_turtleneck_collar(ClothesBrush& brush) {
  const Color color = brush.clothes().main;
  const float n = brush.shape().neck;
  const Points loop = joined(smooth_curve(Points{beside(-1, n + 2, 200), {256, 205}, beside(1, n + 2, 200)}),
                             smooth_curve(Points{beside(1, n + 4, 208),
                                                 beside(1, n + 9, 219),
                                                 {256, 229},
                                                 beside(-1, n + 9, 219),
                                                 beside(-1, n + 4, 208)}));
  brush.panel(loop, color, 5);
  for (float x = -n + 2; x <= n - 1; x += 4)
    brush.seam(Points{{256 + x, 206}, {256 + x * 1.2F, 222}}, color, 0.55F);
  brush.fold({beside(-1, n + 3, 212), {254, 218}, beside(1, n + 2, 213)}, color, 2.5F);
}

void paint_overalls(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  brush.bodice(clothes.second, 380, 12, 5, false, true, 3);
  brush.sleeves(clothes.second, clothes.is_mirrored ? 0.42F : 1.0F, 1.25F, 11, clothes.second, true);
  const Color denim = clothes.main;
  if (brush.design().is_masculine || clothes.hem > 0.5F) {
    brush.trousers(denim, 338, 548);
  } else {
    brush.skirt(denim, 338, 468, 20, 0, false);
  }
  for (const float side : {-1.0F, 1.0F}) {
    const Points strap{beside(side, shape.neck + 14, 217), beside(side, shape.neck + 24, 221),
                       beside(side, 29, 284), beside(side, 18, 284)};
    brush.panel(strap, denim, 2.5F);
  }
  const Points bib =
      joined(smooth_curve(Points{beside(-1, 31, 278), {256, 281}, beside(1, 31, 278)}),
             joined(smooth_curve(Points{beside(1, 34, 320), beside(1, shape.waist + 3, 346)}),
                    smooth_curve(Points{beside(-1, shape.waist + 3, 346), beside(-1, 34, 320)})));
  brush.panel(bib, denim, 6);
  brush.panel(
      Points{beside(-1, 17, 298), beside(1, 17, 298), beside(1, 16, 322), {256, 327}, beside(-1, 16, 322)},
      denim, 3);
  brush.seam(Points{beside(-1, 17, 304), beside(1, 17, 304)}, denim, 0.7F);
  brush.trim(
      smooth_curve(Points{beside(-1, shape.waist + 3, 344), {256, 349}, beside(1, shape.waist + 3, 344)}),
      1.3F, light_of(denim, 0.3F));
  for (const float side : {-1.0F, 1.0F}) brush.button(beside(side, 23.5F, 285), 3.6F, from_hex(0xe6c45e));
}

constexpr auto kCasualRows = std::to_array<ClothesStyle>({
    {.name = "hoodie",
     .paint = paint_hoodie,
     .paint_collar = paint_hood_front,
     .paint_behind = paint_hood_behind},
    {.name = "t_shirt", .paint = paint_t_shirt},
    {.name = "turtleneck", .paint = paint_turtleneck, .paint_collar = paint_turtleneck_collar},
    {.name = "overalls", .paint = paint_overalls},
});

}  // namespace

std::span<const ClothesStyle> casual_clothes() {
  return kCasualRows;
}

}  // namespace tha4::generator
