#pragma once

#include <string_view>

namespace tha4::generator {

/// The content of data/generator/choices.json, built into the library.
std::string_view choices_json();

}  // namespace tha4::generator
