#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace tha4 {

/// Makes \p file appear whole or not at all: \p write gets a temporary name in the same folder (with the same
/// extension, since encoders choose by it) to write to; the result is synced to disk and renamed to \p file.
/// If \p write throws, the temporary file is removed and \p file is as it was. Missing parent folders are
/// created. Throws Error when the folder cannot be written, InputError where \p file is a device or a pipe,
/// which a file must not replace.
void write_file_atomically(const std::filesystem::path& file,
                           const std::function<void(const std::filesystem::path& temporary)>& write);

/// Writes \p text to \p file in that manner.
void write_text_file(const std::filesystem::path& file, std::string_view text);

/// Throws Error where \p file could not be written in that manner, before work is done for it: it is tried
/// with a small file in its folder (writable_folder.h), of which nothing is left behind.
void check_writable(const std::filesystem::path& file);

/// The whole of \p file. Throws InputError when it cannot be read or is larger than \p largest_size bytes.
std::string read_text_file(const std::filesystem::path& file, std::size_t largest_size = 64 << 20);

}  // namespace tha4
