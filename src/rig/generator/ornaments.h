#pragma once

#include "canvas.h"
#include "character_design.h"

namespace tha4::generator {

/// Paints small solid things of one colour: bows, pins, hats.
class OrnamentBrush {
 public:
  OrnamentBrush(Canvas& canvas, const DrawingStyle& style);

  /// Shaded over \p edge pixels at its right and lower edge, outlined.
  void shape(const Points& loop, const Color& color, float edge = 3) const;
  /// A line on something of \p color; \p width is a fraction of the style's.
  void line(const Points& path, const Color& color, float width = 1) const;
  /// Two wings of about \p size pixels each and a knot.
  void bow(glm::vec2 center, float size, const Color& color, bool has_tails) const;
  void flower(glm::vec2 center, float radius, const Color& color) const;

 private:
  Canvas* canvas_;
  const DrawingStyle* style_;
};

/// A star of so many \p points, whose inner corners lie at the fraction \p inner of its radius.
Points star(glm::vec2 center, float radius, int points, float inner, float degrees = 0);

}  // namespace tha4::generator
