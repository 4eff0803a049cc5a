#pragma once

#include <string>

namespace tha4 {

/// Seconds for people: "12 s", "3 min 05 s", "2 h 07 min".
std::string duration_text(double seconds);

}  // namespace tha4
