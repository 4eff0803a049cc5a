#pragma once

#include <span>

#include "tha4/track/rgba_image_view.h"

namespace tha4 {

/// A square of a picture, turned about its middle.
struct PictureSquare {
  float x = 0, y = 0;  ///< its middle, in pixels
  float side = 0;      ///< in pixels
  float angle = 0;     ///< of its x axis, in radians; positive turns from x (right) to y (down)
};

/// What lies outside the picture.
enum class PictureEdge {
  black,
  repeated,  ///< what lies at the edge
};

/// Draws \p square as out [size][size][4] of R, G, B, 0, each \p scale times its 8 bits plus \p offset. Where
/// a place of it is several pixels large, it is their mean.
void crop_picture(const RgbaImageView& picture, const PictureSquare& square, PictureEdge edge, int size,
                  float scale, float offset, std::span<float> out);

/// Where the place u, v of a square drawn in [0, 1] lies in the picture.
struct PicturePlace {
  float x, y;
};
PicturePlace place_in(const PictureSquare& square, float u, float v);

}  // namespace tha4
