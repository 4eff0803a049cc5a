#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// \p text for use between tags or within a quoted attribute of HTML or SVG; control characters are left out.
std::string escape_html(std::string_view text);

/// A "data:" URI that holds \p bytes.
std::string data_uri(std::string_view media_type, std::string_view bytes);

}  // namespace tha4
