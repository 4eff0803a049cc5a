#include "clothes_patterns.h"

#include <array>

namespace tha4::generator {
namespace {

void paint_stripes(const PatternBrush& brush) {
  for (float y = brush.least.y - 4; y < brush.most.y + 6; y += 13)
    brush.row(y, 4.5F, with_alpha(brush.ink, 0.9F));
}

void paint_checks(const PatternBrush& brush) {
  const auto& [canvas, least, most, ground, ink] = brush;
  const Color thin = with_alpha(light_of(ground, 0.6F), 0.6F);
  for (float y = least.y - 4; y < most.y + 6; y += 17) {
    brush.row(y, 6, with_alpha(ink, 0.4F));
    brush.row(y + 8.5F, 1, thin);
  }
  for (float x = least.x; x < most.x + 6; x += 17) {
    canvas->stroke(Points{{x, least.y - 4}, {x, most.y + 8}}, 6, with_alpha(ink, 0.4F));
    canvas->stroke(Points{{x + 8.5F, least.y - 4}, {x + 8.5F, most.y + 8}}, 1, thin);
  }
}

void paint_dots(const PatternBrush& brush) {
  const auto& [canvas, least, most, ground, ink] = brush;
  int line = 0;
  for (float y = least.y; y < most.y + 8; y += 9, ++line) {
    for (float x = least.x + (line % 2 == 0 ? 0.0F : 6.0F); x < most.x + 8; x += 12)
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
  canvas->stroke(smooth_curve(Points{{least.x - 4, y}, {(least.x + most.x) / 2, y + 3}, {most.x + 4, y}}),
                 width, color);
}

const Kinds<ClothesPattern>& clothes_patterns() {
  return kPatterns;
}

}  // namespace tha4::generator
