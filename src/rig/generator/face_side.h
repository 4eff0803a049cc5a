#pragma once

#include <array>
#include <string>

#include <glm/vec2.hpp>

namespace tha4::generator {

/// A side of the character: its left is at the right of the picture. Both are laid out as the left one, in
/// the right half of the picture, and the right one is then mirrored.
enum class Side { left, right };

inline constexpr std::array<Side, 2> kSides = {Side::left, Side::right};

/// Where \p point, which is laid out on the left, is on \p side.
inline glm::vec2 placed(glm::vec2 point, Side side) {
  return side == Side::left ? point : glm::vec2(512 - point.x, point.y);
}

/// The name of a part, morph or parameter of one side.
inline std::string named(const char* name, Side side) {
  return std::string(name) + (side == Side::left ? "_left" : "_right");
}

}  // namespace tha4::generator
