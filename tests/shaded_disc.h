#pragma once

#include <cstddef>
#include <cstdint>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// A disc of many colours on a transparent background, as large as a rest image.
inline RgbaImage shaded_disc() {
  RgbaImage image(512, 512);
  for (int y = 0; y < 512; ++y) {
    for (int x = 0; x < 512; ++x) {
      std::uint8_t* pixel = &image.pixels[(static_cast<std::size_t>(y) * 512 + x) * 4];
      const bool inside = (x - 256) * (x - 256) + (y - 200) * (y - 200) < 150 * 150;
      pixel[0] = static_cast<std::uint8_t>(x / 2);
      pixel[1] = static_cast<std::uint8_t>(y / 2);
      pixel[2] = 90;
      pixel[3] = inside ? 255 : 0;
    }
  }
  return image;
}

}  // namespace tha4
