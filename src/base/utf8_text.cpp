#include "tha4/base/utf8_text.h"

#include <cstdint>

namespace tha4 {
namespace {

constexpr char32_t kNoCharacter = 0xfffd;

void append_utf8(std::string& text, char32_t character) {
  const auto add = [&](char32_t bits) { text += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (character < 0x80) return add(character);
  if (character < 0x800) {
    add(0xc0 | character >> 6);
  } else if (character < 0x10000) {
    add(0xe0 | character >> 12);
    add(0x80 | (character >> 6 & 0x3f));
  } else {
    add(0xf0 | character >> 18);
    add(0x80 | (character >> 12 & 0x3f));
    add(0x80 | (character >> 6 & 0x3f));
  }
  add(0x80 | (character & 0x3f));
}

std::string from_utf16(const std::string& bytes, std::size_t begin, bool is_little) {
  const auto unit = [&](std::size_t at) -> char32_t {
    const auto first = static_cast<unsigned char>(bytes[at]),
               second = static_cast<unsigned char>(bytes[at + 1]);
    return is_little ? second << 8 | first : first << 8 | second;
  };
  std::string text;
  for (std::size_t at = begin; at + 1 < bytes.size(); at += 2) {
    const char32_t first = unit(at);
    const bool is_of_pair = first >= 0xd800 && first < 0xe000;
    if (!is_of_pair) {
      append_utf8(text, first);
      continue;
    }
    const char32_t second = at + 3 < bytes.size() ? unit(at + 2) : 0;
    const bool is_pair = first < 0xdc00 && second >= 0xdc00 && second < 0xe000;
    append_utf8(text, is_pair ? 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00) : kNoCharacter);
    if (is_pair) at += 2;
  }
  return text;
}

std::string from_utf32(const std::string& bytes, std::size_t begin, bool is_little) {
  std::string text;
  for (std::size_t at = begin; at + 3 < bytes.size(); at += 4) {
    char32_t character = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      character = character << 8 | static_cast<unsigned char>(bytes[at + (is_little ? 3 - i : i)]);
    }
    const bool is_character = character < 0x110000 && (character < 0xd800 || character >= 0xe000);
    append_utf8(text, is_character ? character : kNoCharacter);
  }
  return text;
}

/// Whether \p bytes begin with the four of \p mark.
bool begins_with(const std::string& bytes, const char (&mark)[5]) {
  return bytes.compare(0, 4, mark, 4) == 0;
}

}  // namespace

std::string utf8_text(std::string bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return bytes.substr(3);
  if (begins_with(bytes, "\xFF\xFE\0\0")) return from_utf32(bytes, 4, /*is_little=*/true);
  if (begins_with(bytes, "\0\0\xFE\xFF")) return from_utf32(bytes, 4, /*is_little=*/false);
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes, 2, /*is_little=*/true);
  if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes, 2, /*is_little=*/false);
  // A text that is kept in single bytes has no zeros, and the files that are read here begin with ASCII.
  if (bytes.size() >= 4 && bytes.size() % 4 == 0 && bytes[1] == 0 && bytes[2] == 0 &&
      (bytes[0] == 0) != (bytes[3] == 0)) {
    return from_utf32(bytes, 0, bytes[3] == 0);
  }
  const bool may_be_utf16 = bytes.size() >= 2 && bytes.size() % 2 == 0 && (bytes[0] == 0) != (bytes[1] == 0);
  return may_be_utf16 ? from_utf16(bytes, 0, bytes[1] == 0) : bytes;
}

}  // namespace tha4
