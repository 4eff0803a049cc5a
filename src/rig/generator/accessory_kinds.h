#pragma once

#include <span>

#include "accessories.h"

// The rows of head_accessories(), by the file that they are in.

namespace tha4::generator {

std::span<const Accessory> accessory_bands();
std::span<const Accessory> accessory_ears();
std::span<const Accessory> accessory_hats();

}  // namespace tha4::generator
