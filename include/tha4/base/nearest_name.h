#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tha4 {

/// The entry of \p names with the smallest edit distance to \p name (the first of several equal ones); empty
/// when \p names is empty. Of a long name only the beginning is compared.
std::string nearest_name(std::string_view name, std::span<const std::string> names);

/// How many letters must be changed, put in or left out to make \p b of \p a.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace tha4
