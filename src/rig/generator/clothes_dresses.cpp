#include <cmath>

#include "clothes_kinds.h"

namespace tha4::generator {
namespace {

/// A short sleeve that is gathered above the elbow.
void paint_puff_sleeves(ClothesBrush& brush, const Color& color, const Color& band) {
  const BodyShape& shape = brush.shape();
  for (const float side : {-1.0F, 1.0F}) {
    const float s = shape.shoulder;
    const Points puff =
        smooth_loop(Points{beside(side, s - 24, 225), beside(side, s - 2, 226), beside(side, s + 14, 244),
                           beside(side, s + 16, 268), beside(side, s + 6, 284), beside(side, s - 12, 282),
                           beside(side, s - 17, 264), beside(side, s - 22, 244)});
    brush.panel(puff, color, 8);
    brush.canvas().clipped(puff, [&] {
      for (const float x : {-6.0F, 0.0F, 6.0F})
        brush.fold({beside(side, s - 2 + x * 0.6F, 284), beside(side, s - 1 + x, 268),
                    beside(side, s - 2 + x * 1.3F, 254)},
                   color, 3.5F);
      brush.fold({beside(side, s - 18, 229), beside(side, s - 9, 236), beside(side, s - 4, 246)}, color, 3);
    });
    brush.panel(
        smooth_loop(Points{beside(side, s - 13, 279), beside(side, s - 3, 283), beside(side, s + 8, 280),
                           beside(side, s + 8, 287), beside(side, s - 3, 291), beside(side, s - 13, 287)}),
        band, 2.5F);
  }
}

Color white() {
  return {0.99F, 0.985F, 0.99F};
}

void paint_dress(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  const float hem = 474 + 26 * clothes.hem;
  brush.skirt(white(), 350, hem + 10, 36, 0, false);
  brush.skirt(clothes.main, 340, hem, 38, 0, true);
  brush.bodice(clothes.main, 350, 6, 4, false, true, 2);
  if (clothes.hem > 0.4F) {
    paint_puff_sleeves(brush, clothes.hem > 0.7F ? white() : clothes.main, clothes.second);
  } else {
    brush.sleeves(clothes.main, 0.98F, 1.1F, 18, clothes.second, true);
  }
  const Points belt = joined(
      smooth_curve(Points{beside(-1, shape.waist + 3, 336), {256, 341}, beside(1, shape.waist + 3, 336)}),
      smooth_curve(Points{beside(1, shape.waist + 4, 348), {256, 353}, beside(-1, shape.waist + 4, 348)}));
  brush.panel(belt, clothes.second, 3);
  if (clothes.is_mirrored) {
    brush.bow({256, 346}, 16, clothes.second);
  } else {
    for (float y = 258; y < 330; y += 19) brush.button({256, y}, 3, clothes.accent);
  }
}

void paint_round_collar(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const float n = brush.shape().neck;
  for (const float side : {-1.0F, 1.0F}) {
    const Points leaf = smooth_loop(Points{
        beside(side, n + 4, 209), beside(side, n + 17, 218), beside(side, n + 19, 232), beside(side, 22, 242),
        beside(side, 7, 240), beside(side, 1, 224), beside(side, n * 0.7F, 218)});
    brush.panel(leaf, white(), 4);
  }
  brush.bow({256, 230}, 12, clothes.accent, clothes.is_mirrored);
}

void paint_kimono(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  const Points skirt =
      joined(smooth_curve(Points{beside(1, shape.waist + 6, 346), beside(1, shape.hip + 10, 410),
                                 beside(1, shape.hip + 8, 548)}),
             smooth_curve(Points{beside(-1, shape.hip + 8, 548), beside(-1, shape.hip + 10, 410),
                                 beside(-1, shape.waist + 6, 346)}));
  const Color lower = clothes.is_mirrored ? clothes.second : clothes.main;
  brush.panel(skirt, lower, 10, !clothes.is_mirrored);
  brush.canvas().clipped(skirt, [&] {
    if (clothes.is_mirrored) {
      for (int i = -3; i <= 3; ++i) {
        const float x = static_cast<float>(i) * 13;
        brush.fold({{256 + x * 1.25F, 548}, {256 + x * 1.1F, 450}, {256 + x * 0.9F, 360}}, lower, 6);
      }
    } else {
      brush.seam(smooth_curve(Points{{262, 352}, {268, 440}, {280, 548}}), lower, 1.1F);
      brush.fold({beside(1, 40, 430), beside(1, 20, 450), beside(1, 12, 480)}, lower, 5);
      brush.fold({beside(-1, 50, 420), beside(-1, 34, 440), beside(-1, 14, 450)}, lower, 5);
    }
  });
  brush.bodice(clothes.main, 350, 34, 3, true, true, 5);
  // Wide sleeves that hide the hands.
  for (const float side : {-1.0F, 1.0F}) {
    const float s = shape.shoulder;
    const float hand = shape.hand_x;
    const Points sleeve =
        joined(smooth_curve(Points{beside(side, s - 20, 227), beside(side, s, 234), beside(side, s + 14, 280),
                                   beside(side, hand + 22, 350), beside(side, hand + 25, 408),
                                   beside(side, hand + 20, 424)}),
               smooth_curve(Points{beside(side, hand + 14, 430), beside(side, hand - 8, 434),
                                   beside(side, hand - 22, 424), beside(side, hand - 24, 390),
                                   beside(side, s - 14, 320), beside(side, s - 16, 262)}));
    brush.panel(sleeve, clothes.main, 8, true);
    brush.canvas().clipped(sleeve, [&] {
      brush.canvas().fill(smooth_loop(Points{beside(side, s - 24, 222), beside(side, s - 6, 226),
                                             beside(side, s - 8, 250), beside(side, s - 26, 256)}),
                          with_alpha(clothes.main, brush.is_plain() ? 1.0F : 0.0F));
      brush.fold({beside(side, s - 14, 290), beside(side, s - 2, 302), beside(side, s + 8, 300)},
                 clothes.main, 5);
      brush.fold({beside(side, hand - 14, 372), beside(side, hand - 2, 362), beside(side, hand + 8, 340)},
                 clothes.main, 5);
      brush.fold({beside(side, hand + 12, 426), beside(side, hand + 9, 396), beside(side, hand + 10, 370)},
                 clothes.main, 4);
    });
    brush.panel(smooth_loop(Points{beside(side, hand - 20, 423), beside(side, hand, 419),
                                   beside(side, hand + 19, 422), beside(side, hand + 15, 431),
                                   beside(side, hand - 4, 436), beside(side, hand - 18, 432)}),
                clothes.second, 3);
  }
  const Points obi = joined(
      smooth_curve(Points{beside(-1, shape.waist + 6, 318), {256, 323}, beside(1, shape.waist + 6, 318)}),
      smooth_curve(Points{beside(1, shape.waist + 6, 356), {256, 362}, beside(-1, shape.waist + 6, 356)}));
  brush.panel(obi, clothes.accent, 7);
  brush.trim(
      smooth_curve(Points{beside(-1, shape.waist + 6, 336), {256, 341}, beside(1, shape.waist + 6, 336)}), 4,
      clothes.second);
  brush.seam(
      smooth_curve(Points{beside(-1, shape.waist + 6, 334), {256, 339}, beside(1, shape.waist + 6, 334)}),
      clothes.second, 0.6F);
  brush.button({256, 341}, 4.5F, light_of(clothes.accent, 0.4F));
}

void paint_kimono_collar(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const float n = brush.shape().neck;
  const auto band = [&](float side, float end_x, float end_y, float width, const Color& color) {
    const Points inner =
        smooth_curve(Points{beside(side, n + 2, 207), beside(side, n - 3, 226), beside(side, -end_x, end_y)});
    const Points outer =
        smooth_curve(Points{beside(side, -end_x, end_y + width * 1.5F), beside(side, n - 2 + width, 238),
                            beside(side, n + 4 + width, 211)});
    brush.panel(joined(inner, outer), color, 2.5F);
  };
  // The right side under the left, as it is worn.
  band(1, 10, 262, 5, white());
  band(1, 14, 270, 9, clothes.second);
  band(-1, 8, 262, 5, white());
  band(-1, 30, 306, 10, clothes.second);
}

void paint_frilled_blouse(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  const Color blouse = to_hsl(clothes.second).z > 0.85F ? clothes.second : white();
  brush.bodice(blouse, 356, 2, 3, false, false, 3);
  brush.sleeves(blouse, 0.97F, 1.3F, 14, blouse);
  for (const float side : {-1.0F, 1.0F}) {
    const Points arm = shape.arm(side);
    if (!shape.is_raised(side))
      brush.frill(Points{arm.back() + glm::vec2(12, -2), arm.back() + glm::vec2(-12, -2)}, -9, blouse);
    brush.frill(side > 0
                    ? smooth_curve(Points{beside(1, 15, 340), beside(1, 17, 290), beside(1, 10, 240)})
                    : smooth_curve(Points{beside(-1, 10, 240), beside(-1, 17, 290), beside(-1, 15, 340)}),
                8, blouse);
  }
  for (float y = 262; y < 336; y += 18) brush.button({256, y}, 2.2F, clothes.accent);
  brush.skirt(clothes.main, 330, 470 + 20 * clothes.hem, 30, 0, true);
  const Points corset = joined(
      smooth_curve(Points{beside(-1, shape.waist + 5, 326), {256, 320}, beside(1, shape.waist + 5, 326)}),
      smooth_curve(Points{beside(1, shape.waist + 4, 356), {256, 366}, beside(-1, shape.waist + 4, 356)}));
  brush.panel(corset, clothes.main, 7);
  for (const float y : {334.0F, 345.0F}) {
    for (const float side : {-1.0F, 1.0F}) {
      brush.trim(Points{beside(side, 8, y), beside(-side, 8, y + 9)}, 1.4F, clothes.accent);
      brush.button(beside(side, 8, y), 1.8F, from_hex(0xe6c45e));
    }
  }
}

void paint_frilled_collar(ClothesBrush& brush) {
  const Color blouse = to_hsl(brush.clothes().second).z > 0.85F ? brush.clothes().second : white();
  const float n = brush.shape().neck;
  brush.frill(smooth_curve(Points{beside(1, n + 5, 207), {256, 224}, beside(-1, n + 5, 207)}), -9, blouse);
  brush.bow({256, 229}, 15, brush.clothes().accent);
  brush.canvas().fill(ellipse({256, 229}, {4, 5}), light_of(brush.clothes().accent, 0.55F));
}

void paint_off_shoulder(ClothesBrush& brush) {
  const ClothesDesign& clothes = brush.clothes();
  const BodyShape& shape = brush.shape();
  brush.usual_bottom(clothes.second, 372, false);
  Points side_line = shape.torso_side(1, 392, 3);
  std::erase_if(side_line, [](glm::vec2 point) { return point.y < 262; });
  const Points left = mirrored(side_line);
  const Points top = smooth_curve(Points{left.front(), {256, 258}, side_line.front()});
  const Points loop =
      joined(joined(top, side_line),
             joined(smooth_curve(Points{side_line.back(), {256, 396}, left.back()}), reversed(left)));
  brush.panel(loop, clothes.main, 9, true);
  brush.canvas().clipped(loop, [&] {
    for (const float side : {-1.0F, 1.0F}) {
      brush.fold({beside(side, shape.waist + 3, 344), beside(side, shape.waist - 12, 340),
                  beside(side, shape.waist - 24, 343)},
                 clothes.main, 5);
      brush.fold({beside(side, 24, 392), beside(side, 20, 374), beside(side, 23, 352)}, clothes.main, 3.5F);
    }
  });
  // Loose sleeves from below the shoulders.
  for (const float side : {-1.0F, 1.0F}) {
    const float s = shape.shoulder;
    const float hand = shape.hand_x;
    const Points sleeve = joined(
        smooth_curve(Points{beside(side, s - 15, 262), beside(side, s + 9, 258), beside(side, s + 17, 300),
                            beside(side, hand + 15, 368), beside(side, hand + 10, 392)}),
        smooth_curve(Points{beside(side, hand - 9, 392), beside(side, hand - 17, 360),
                            beside(side, s - 12, 310), beside(side, s - 15, 262)}));
    brush.panel(sleeve, clothes.main, 7, true);
    brush.canvas().clipped(sleeve, [&] {
      brush.fold({beside(side, s - 10, 318), beside(side, s, 326), beside(side, s + 10, 324)}, clothes.main,
                 5);
      brush.fold({beside(side, hand - 10, 376), beside(side, hand, 380), beside(side, hand + 8, 374)},
                 clothes.main, 4);
    });
    brush.panel(smooth_loop(Points{beside(side, hand - 10, 390), beside(side, hand, 387),
                                   beside(side, hand + 11, 390), beside(side, hand + 9, 399),
                                   beside(side, hand, 402), beside(side, hand - 9, 399)}),
                clothes.second, 3);
  }
  brush.frill(smooth_curve(Points{beside(1, shape.shoulder + 9, 256),
                                  beside(1, 36, 254),
                                  {256, 258},
                                  beside(-1, 36, 254),
                                  beside(-1, shape.shoulder + 9, 256)}),
              -18, clothes.second);
  for (const float side : {-1.0F, 1.0F}) {
    brush.trim(smooth_curve(
                   Points{beside(side, shape.neck + 17, 221), beside(side, 36, 236), beside(side, 33, 256)}),
               2.4F, clothes.accent);
  }
  if (clothes.is_mirrored) brush.bow({256, 270}, 13, clothes.accent);
}

constexpr auto kDressRows = std::to_array<ClothesStyle>({
    {.name = "dress", .paint = paint_dress, .paint_collar = paint_round_collar},
    {.name = "kimono", .paint = paint_kimono, .paint_collar = paint_kimono_collar, .keeps_arms_down = true},
    {.name = "frilled_blouse", .paint = paint_frilled_blouse, .paint_collar = paint_frilled_collar},
    {.name = "off_shoulder", .paint = paint_off_shoulder, .keeps_arms_down = true},
});

}  // namespace

std::span<const ClothesStyle> dresses() {
  return kDressRows;
}

}  // namespace tha4::generator
