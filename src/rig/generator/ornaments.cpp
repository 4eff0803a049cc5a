#include "ornaments.h"

#include <algorithm>
#include <cmath>

#include <glm/common.hpp>
#include <glm/trigonometric.hpp>

namespace tha4::generator {

OrnamentBrush::OrnamentBrush(Canvas& canvas, const DrawingStyle& style) : canvas_(&canvas), style_(&style) {}

void OrnamentBrush::shape(const Points& loop, const Color& color, float edge) const {
  const DrawingStyle& style = *style_;
  canvas_->fill(loop, color);
  canvas_->clipped(loop, [&] {
    const Color dark = shade_of(color, 0.3F * style.shade_strength);
    canvas_->fill_loops(std::vector<Points>{loop, shifted(loop, {-edge, -edge * 0.7F})},
                        with_alpha(dark, 0.9F));
  });
  canvas_->line(closed(loop),
                LineWidth{style.line_width, style.line_width * 0.7F, style.line_width * 0.7F, 0.1F, 0.1F},
                style.outline(mix(color, line_color_of(color), std::min(1.0F, 0.3F + style.line_darkness)),
                              shade_of(color, 0.2F)));
}

void OrnamentBrush::line(const Points& path, const Color& color, float width) const {
  canvas_->line(path, LineWidth{style_->line_width * width, 0, 0},
                with_alpha(style_->outline(line_color_of(color), shade_of(color, 0.3F)), 0.85F));
}

void OrnamentBrush::bow(glm::vec2 center, float size, const Color& color, bool has_tails) const {
  for (const float side : {-1.0F, 1.0F}) {
    const auto point = [&](float x, float y) { return center + glm::vec2(side * x, y) * size; };
    if (has_tails) {
      shape(joined(smooth_curve(Points{point(0, 0.1F), point(0.55F, 0.7F), point(0.8F, 1.5F)}),
                   Points{point(0.5F, 1.35F), point(0.25F, 1.5F), point(0, 0.3F)}),
            shade_of(color, 0.1F), size * 0.12F);
    }
    shape(smooth_loop(Points{point(0, -0.12F), point(0.5F, -0.72F), point(1.12F, -0.72F), point(1.22F, 0),
                             point(1.05F, 0.6F), point(0.48F, 0.45F), point(0, 0.14F)}),
          color, size * 0.16F);
    line(smooth_curve(Points{point(0.12F, 0), point(0.5F, -0.14F), point(0.85F, -0.1F)}), color);
    line(smooth_curve(Points{point(0.12F, 0.06F), point(0.42F, 0.14F), point(0.66F, 0.26F)}), color, 0.8F);
  }
  shape(ellipse(center, glm::vec2(0.26F, 0.3F) * size), light_of(color, 0.12F), size * 0.1F);
}

void OrnamentBrush::flower(glm::vec2 center, float radius, const Color& color) const {
  for (int i = 0; i < 5; ++i) {
    const float degrees = static_cast<float>(i) * 72 + 10;
    const glm::vec2 petal = turned(Points{center + glm::vec2(0, -radius * 0.58F)}, center, degrees).front();
    shape(ellipse(petal, {radius * 0.44F, radius * 0.5F}, degrees), color, radius * 0.12F);
    line(Points{center, glm::mix(center, petal, 0.9F)}, color, 0.6F);
  }
  shape(ellipse(center, {radius * 0.27F, radius * 0.27F}), from_hex(0xf7d154), radius * 0.08F);
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

}  // namespace tha4::generator
