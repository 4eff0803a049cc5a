#pragma once

#include <string_view>

#include "tha4/image/region.h"

namespace tha4::app {

/// Reads "X,Y,WIDTH,HEIGHT", whole numbers of pixels. Throws InputError for everything else.
Region parse_region(std::string_view text);

}  // namespace tha4::app
