#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tha4 {

/// Throws InputError where \p bytes, the content or the beginning of the file \p name, are not the file
/// itself but what is often found in its place, and says how to get the file: the pointer that Git LFS
/// leaves, a web page that was saved, an archive around the file, a spreadsheet. Sixty-four bytes suffice for
/// all but the last, which two thousand do for.
void refuse_foreign_file(std::string_view bytes, const std::string& name);

/// Throws InputError where \p path is there and is a file, though a folder is asked for: an archive of it is
/// to be unpacked.
/// \param wanted  "the folder of a teacher's networks"
void refuse_file_for_folder(const std::filesystem::path& path, const std::string& wanted);

}  // namespace tha4
