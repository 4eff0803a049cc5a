#pragma once

#include "tha4/image/rgba_image.h"

namespace tha4::generator {

/// Gives the transparent pixels of \p image that lie within \p distance of others the mean colour of their
/// neighbours that have one, ring after ring. They stay transparent.
void bleed_colors(RgbaImage& image, int distance);

}  // namespace tha4::generator
