#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// Throws InputError where \p bytes, the content or the beginning of the file \p name, are not the file
/// itself but the pointer that Git LFS leaves in its place, and says how to get the file.
void refuse_git_lfs_pointer(std::string_view bytes, const std::string& name);

}  // namespace tha4
