#include "clothes_patterns.h"

#include <array>

namespace tha4::generator {
namespace {

void paint_stripes(const PatternBrush& brush) {
  for (float y = brush.min.y - 4; y < brush.max.y + 6; y += 13)
    brush.row(y, 4.5F, with_alpha(brush.ink, 0.9F));
}

void paint_checks(const PatternBrush& brush) {
  const auto& [canvas, min, max, ground, ink] = brush;
  const Color thin = with_alpha(light_of(ground, 0.6F), 0.6F);
  for (float y = min.y - 4; y < max.y + 6; y += 17) {
    brush.row(y, 6, with_alpha(ink, 0.4F));
    brush.row(y + 8.5F, 1, thin);
  }
  for (float x = min.x; x < max.x + 6; x += 17) {
    canvas->stroke(Points{{x, min.y - 4}, {x, max.y + 8}}, 6, with_alpha(ink, 0.4F));
    canvas->stroke(Points{{x + 8.5F, min.y - 4}, {x + 8.5F, max.y + 8}}, 1, thin);
  }
}

void paint_dots(const PatternBrush& brush) {
  const auto& [canvas, min, max, ground, ink] = brush;
  int line = 0;
  for (float y = min.y; y < max.y + 8; y += 9, ++line) {
    for (float x = min.x + (line % 2 == 0 ? 0.0F : 6.0F); x < max.x + 8; x += 12)
      canvas->fill(ellipse({x, y}, {2, 2}), with_alpha(ink, 0.9F));
  }
}

constexpr auto kPatternRows = std::to_array<ClothesPattern>({
    {.name = "plain"},
    {.name = "stripes", .paint = paint_stripes},
    {.name = "checks", .paint = paint_checks, .is_woven = true},
    {.name = "dots", .paint = paint_dots},
});
constexpr Kinds<ClothesPattern> kPatterns{"pattern of clothes", kPatternRows};

}  // namespace

void PatternBrush::row(float y, float width, const Color& color) const {
  canvas->stroke(smooth_curve(Points{{min.x - 4, y}, {(min.x + max.x) / 2, y + 3}, {max.x + 4, y}}), width,
                 color);
}

const Kinds<ClothesPattern>& clothes_patterns() {
  return kPatterns;
}

}  // namespace tha4::generator
