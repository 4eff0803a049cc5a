#pragma once

#include "gl_objects.h"

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// \p image as a texture of premultiplied linear light with mipmaps.
GlTexture make_texture(const RgbaImage& image, bool repeats);

}  // namespace tha4
