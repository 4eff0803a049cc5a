#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// Throws InputError where \p bytes, the content or the beginning of the file \p name, are not the file
/// itself but what is often found in its place, and says how to get the file: the pointer that Git LFS
/// leaves, a web page that was saved, an archive around the file, a spreadsheet. Sixty-four bytes suffice for
/// all but the last, which two thousand do for.
void refuse_foreign_file(std::string_view bytes, const std::string& name);

}  // namespace tha4
