#include "compact_text.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace tha4 {
namespace {

/// compact_text_of() undone, bit by bit.
std::string bytes_of(const std::string& text) {
  std::string bits;
  const auto put = [&](unsigned seven) {
    for (int bit = 6; bit >= 0; --bit) bits.push_back((seven >> bit & 1) != 0 ? '1' : '0');
  };
  const unsigned refused[] = {0, 13, 60};
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned letter = static_cast<unsigned char>(text[i]);
    if (letter < 0x80) {
      put(letter);
      continue;
    }
    letter = (letter & 31) << 6 | (static_cast<unsigned char>(text[++i]) & 63);
    if (letter >= 0x200) {
      put(refused[letter - 0x200]);
    } else {
      put(refused[(letter - 0x80) / 128]);
      put((letter - 0x80) % 128);
    }
  }
  std::string bytes;
  for (std::size_t i = 0; i + 8 <= bits.size(); i += 8)
    bytes.push_back(static_cast<char>(std::stoi(bits.substr(i, 8), nullptr, 2)));
  return bytes;
}

TEST(CompactText, ComesBackWhateverTheBytes) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    if (size % 3 != 0)  // else all of them are 0
      for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string text = compact_text_of(bytes);
    EXPECT_EQ(bytes_of(text), bytes) << size;
    EXPECT_EQ(text.find_first_of(std::string("\0\r<", 3)), std::string::npos);
    EXPECT_LE(text.size(), (8 * size + 6) / 7 + 1);
  }
}

TEST(CompactText, EndsWithWhatPagesCannotHold) {
  for (const char* bytes : {"abcdef\x3c", "abcdef\x0d"}) EXPECT_EQ(bytes_of(compact_text_of(bytes)), bytes);
  EXPECT_EQ(compact_text_of(std::string(7, '\0')), "\xC2\x80\xC2\x80\xC2\x80\xC2\x80");
}

}  // namespace
}  // namespace tha4
