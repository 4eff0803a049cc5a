#include "base64.h"

#include <algorithm>
#include <cstdint>

namespace tha4 {

std::string base64_of(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kBytes = 3;  // which become four letters
  std::string text;
  text.reserve((bytes.size() + kBytes - 1) / kBytes * 4);
  for (std::size_t begin = 0; begin < bytes.size(); begin += kBytes) {
    const std::size_t count = std::min(kBytes, bytes.size() - begin);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kBytes; ++i) {
      bits = bits << 8 | (i < count ? static_cast<std::uint8_t>(bytes[begin + i]) : 0U);
    }
    for (std::size_t letter = 0; letter < 4; ++letter) {
      text.push_back(letter <= count ? kLetters[bits >> (18 - 6 * letter) & 63] : '=');
    }
  }
  return text;
}

}  // namespace tha4
