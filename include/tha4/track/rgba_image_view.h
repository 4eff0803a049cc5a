#pragma once

#include <cstdint>

namespace tha4 {

/// A picture that lies somewhere: R, G, B, A, 8 bits each, rows from the top, no padding. Alpha is not looked
/// at.
struct RgbaImageView {
  const std::uint8_t* pixels = nullptr;  ///< width * height * 4
  int width = 0;
  int height = 0;
};

}  // namespace tha4
