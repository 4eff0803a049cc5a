#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// \p bytes in base64 (RFC 4648, section 4).
std::string base64_of(std::string_view bytes);

}  // namespace tha4
