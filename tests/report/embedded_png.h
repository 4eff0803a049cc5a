#pragma once

#include <cstdint>
#include <string>

namespace tha4 {

/// The bytes of the \p index-th image of a page.
inline std::string embedded_png(const std::string& page, std::size_t index) {
  const std::string prefix = "src=\"data:image/png;base64,";
  auto begin = page.find(prefix);
  for (; index > 0; --index) begin = page.find(prefix, begin + 1);
  begin += prefix.size();
  std::string bytes;
  std::uint32_t bits = 0;
  int bit_count = 0;
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (auto at = begin; page[at] != '"' && page[at] != '='; ++at) {
    bits = bits << 6 | static_cast<std::uint32_t>(digits.find(page[at]));
    bit_count += 6;
    if (bit_count >= 8) bytes.push_back(static_cast<char>(bits >> (bit_count -= 8) & 0xFF));
  }
  return bytes;
}

}  // namespace tha4
