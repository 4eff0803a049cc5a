#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// \p text from outside as it may stand in a one-line message: in single quotes, its end left out where it is
/// long, control characters and what is not UTF-8 replaced by '?'.
std::string quoted_text(std::string_view text);

/// "; did you mean 'name'?"
std::string did_you_mean(std::string_view name);

}  // namespace tha4
