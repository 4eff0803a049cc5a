#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// The deepest nesting of JSON that is read.
inline constexpr int kDeepestJson = 64;

/// Throws InputError that begins with \p source where \p text, which is JSON without comments, is nested
/// deeper: what copies, compares or prints it would overflow the stack.
void check_json_nesting(std::string_view text, const std::string& source);

/// That error.
[[noreturn]] void fail_for_nesting(const std::string& source);

}  // namespace tha4
