#include "quoted_text.h"

namespace tha4 {
namespace {

/// The bytes of the character of UTF-8 with which \p text begins; 0 where that is none, or a control
/// character.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return byte(0) >= ' ' && byte(0) != 127 ? 1 : 0;
  const std::size_t size = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (byte(i) < 0x80 || byte(i) >= 0xc0) return 0;
  }
  const bool is_control = byte(0) == 0xc2 && byte(1) < 0xa0;
  return is_control ? 0 : size;
}

}  // namespace

std::string quoted_text(std::string_view text) {
  constexpr std::size_t kMaxShown = 60;
  std::string shown;
  while (!text.empty() && shown.size() < kMaxShown) {
    const std::size_t size = character_size(text);
    if (size == 0) {
      shown += '?';
    } else {
      shown += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return "'" + shown + (text.empty() ? "" : "...") + "'";
}

std::string did_you_mean(std::string_view name) {
  return "; did you mean '" + std::string(name) + "'?";
}

}  // namespace tha4
