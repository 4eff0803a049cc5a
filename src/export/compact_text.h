#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// \p bytes as text in UTF-8 that an HTML page holds within a script element, an eighth shorter than base64:
/// seven bits a byte, the highest first. The values that pages cannot hold or that might end the element (0,
/// 13 and 60, `<`) are numbered 0 to 2 and make one character of two bytes with the value behind them: U+0080
/// + 128 * number + value; the last one alone is U+0200 + number. bytes_of_text() of src/export/page/bytes.js
/// is the way back.
std::string compact_text_of(std::string_view bytes);

}  // namespace tha4
