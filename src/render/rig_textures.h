#pragma once

#include <cstdint>
#include <vector>

#include "gl_objects.h"

#include "tha4/image/rgba_image.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// A picture as textures keep it.
struct TextureLight {
  int width = 0;
  int height = 0;
  std::vector<std::uint16_t> pixels;  ///< R, G, B, A: premultiplied linear light in half precision
};

/// The light of \p image. Needs no context.
TextureLight to_texture_light(const RgbaImage& image);

/// That of each texture of \p rig.
std::vector<TextureLight> texture_lights(const Rig& rig);

/// A texture with mipmaps. What it shows beyond its edges is set where it is drawn. Throws InputError where
/// the driver takes none of that size.
GlTexture make_texture(const TextureLight& light);

}  // namespace tha4
