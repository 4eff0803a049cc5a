#pragma once

#include <array>
#include <cstdint>

namespace tha4 {

/// Multiplies the colour of a straight pixel by its alpha, see AlphaKind.
inline void premultiply(std::array<std::uint8_t, 4>& pixel) {
  for (std::size_t c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>((pixel[c] * pixel[3] + 127) / 255);
}

}  // namespace tha4
