#pragma once

#include <vector>

#include "blur.h"
#include <glm/vec3.hpp>

namespace tha4::generator {

/// What becomes of a colour: it is multiplied by `factor`, then `added` is added, both sRGB from 0 to 1.
/// Their sum is at most 1, so that a colour stays one.
struct Tint {
  glm::vec3 factor{1};
  glm::vec3 added{0};
};

/// Tints over a picture: `tints` at the middles of columns x rows equal cells, row by row; between them they
/// change smoothly.
struct TintGrid {
  int columns = 1;
  int rows = 1;
  std::vector<Tint> tints;
};

/// Tints \p pixels (blue, green, red, alpha; premultiplied). Alpha stays, and so do transparent pixels.
void tint(const PixelRows& pixels, const TintGrid& grid);

}  // namespace tha4::generator
