#pragma once

#include <filesystem>
#include <string>

namespace tha4 {

/// \p text with small Latin letters in the place of capital ones; all others, as of other scripts, stay.
std::string lower_case(std::string text);

/// The extension of \p file so: ".png" of "ME.PNG".
std::string lower_extension(const std::filesystem::path& file);

}  // namespace tha4
