#pragma once

#include <string>

namespace tha4 {

/// \p text, some of which may come from a file, as it may stand in a line: control characters, such as line
/// ends and what moves a terminal's cursor, become '?'.
std::string printable(std::string text);

}  // namespace tha4
