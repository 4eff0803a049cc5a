#pragma once

#include <array>
#include <string>

namespace tha4::generator {

/// A side of the character: its left is at the right of the picture. Both are laid out as the left one, in
/// the right half of the picture, and the right one is then mirrored.
enum class Side { left, right };

inline constexpr std::array<Side, 2> kSides = {Side::left, Side::right};

/// The name of a part, morph or parameter of one side.
inline std::string named(const char* name, Side side) {
  return std::string(name) + (side == Side::left ? "_left" : "_right");
}

}  // namespace tha4::generator
