#pragma once

#include <string>

namespace tha4 {

/// The text of a file as UTF-8 without a byte order mark: UTF-16, which spreadsheets and editors of Windows
/// write as "Unicode", and UTF-32 are converted, with or without their marks. What is no character becomes
/// U+FFFD.
std::string utf8_text(std::string bytes);

}  // namespace tha4
