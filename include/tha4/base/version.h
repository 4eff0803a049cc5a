#pragma once

#include <string_view>

namespace tha4 {

/// The project's version, for example "0.1.0".
std::string_view version();

}  // namespace tha4
