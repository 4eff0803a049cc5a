#pragma once

#include <string_view>

#include "canvas.h"
#include "kinds.h"

namespace tha4::generator {

/// The cloth that a pattern is painted on, which the canvas is clipped to.
struct PatternBrush {
  Canvas* canvas;
  glm::vec2 min;  ///< corners of the rectangle around it
  glm::vec2 max;
  Color ground;
  Color ink;

  /// A stripe that sags a little across the cloth.
  void row(float y, float width, const Color& color) const;
};

/// What is printed on or woven into cloth.
struct ClothesPattern {
  std::string_view name;
  void (*paint)(const PatternBrush&) = nullptr;  ///< none: plain
  bool is_woven = false;                         ///< also in the skirts of uniforms
};

/// The kinds that ClothesDesign::pattern names.
const Kinds<ClothesPattern>& clothes_patterns();

}  // namespace tha4::generator
