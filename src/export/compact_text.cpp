#include "compact_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tha4 {
namespace {

constexpr std::array<unsigned, 3> kRefused = {0, 13, 60};

/// The bits of \p bytes, seven at a time; those that are missing at the end are 0.
std::vector<unsigned> sevens_of(std::string_view bytes) {
  std::vector<unsigned> sevens;
  sevens.reserve(bytes.size() * 8 / 7 + 1);
  unsigned held = 0;
  int count = 0;
  for (const char byte : bytes) {
    held = held << 8 | static_cast<std::uint8_t>(byte);
    count += 8;
    while (count >= 7) {
      count -= 7;
      sevens.push_back(held >> count & 127);
    }
    held &= 127;
  }
  if (count > 0) sevens.push_back(held << (7 - count) & 127);
  return sevens;
}

}  // namespace

std::string compact_text_of(std::string_view bytes) {
  const std::vector<unsigned> sevens = sevens_of(bytes);
  std::string text;
  text.reserve(sevens.size() + 2);
  for (std::size_t i = 0; i < sevens.size(); ++i) {
    const auto refused = std::ranges::find(kRefused, sevens[i]);
    if (refused == kRefused.end()) {
      text.push_back(static_cast<char>(sevens[i]));
      continue;
    }
    const auto number = static_cast<unsigned>(refused - kRefused.begin());
    const bool is_last = i + 1 == sevens.size();
    const unsigned letter = is_last ? 0x200 + number : 0x80 + 128 * number + sevens[++i];
    text.push_back(static_cast<char>(0xC0 | letter >> 6));
    text.push_back(static_cast<char>(0x80 | (letter & 63)));
  }
  return text;
}

}  // namespace tha4
