#pragma once

#include <span>

#include "clothes.h"

// The rows of clothes_styles(), by the file that they are in.

namespace tha4::generator {

std::span<const ClothesStyle> uniforms();
std::span<const ClothesStyle> casual_clothes();
std::span<const ClothesStyle> dresses();

}  // namespace tha4::generator
