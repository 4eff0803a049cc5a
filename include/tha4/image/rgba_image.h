#pragma once

#include <cstdint>
#include <vector>

namespace tha4 {

/// An image as files hold it: 8 bits a channel, R, G, B, A, straight (not premultiplied) alpha, sRGB, rows
/// from the top, no padding.
struct RgbaImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< width * height * 4 bytes

  RgbaImage() = default;
  /// A transparent black image.
  RgbaImage(int width_, int height_)
      : width(width_), height(height_), pixels(static_cast<std::size_t>(width_) * height_ * 4) {}
};

}  // namespace tha4
