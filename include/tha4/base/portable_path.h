#pragma once

#include <filesystem>
#include <string>

namespace tha4 {

/// The path \p text, of a file that may come from another system, below \p folder. Backslashes part folders,
/// as on Windows, unless there is a file of just that name. Throws InputError for a path that begins with a
/// drive of Windows, which no other machine has.
std::filesystem::path portable_path(const std::filesystem::path& folder, const std::string& text);

}  // namespace tha4
