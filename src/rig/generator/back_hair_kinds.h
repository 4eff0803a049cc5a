#pragma once

#include <span>

#include "hair.h"

// The rows of back_hair_styles(), by the file that they are in.

namespace tha4::generator {

std::span<const HairStyle> loose_back_hair();
std::span<const HairStyle> tied_back_hair();

}  // namespace tha4::generator
