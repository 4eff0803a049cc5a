#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tha4/base/error.h"

namespace tha4 {

/// Reads numbers out of a file's bytes; whatever lies outside of them is an InputError.
class ByteReader {
 public:
  ByteReader(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {}

  std::string_view text(std::size_t offset, std::size_t length) const {
    if (offset > bytes_.size() || length > bytes_.size() - offset) fail_cut_off();
    return bytes_.substr(offset, length);
  }

  std::uint32_t little_endian(std::size_t offset, std::size_t length) const {
    std::uint32_t value = 0;
    for (std::size_t i = length; i-- > 0;) value = value << 8 | byte(offset + i);
    return value;
  }

  std::uint32_t big_endian(std::size_t offset, std::size_t length) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < length; ++i) value = value << 8 | byte(offset + i);
    return value;
  }

  std::uint8_t byte(std::size_t offset) const { return static_cast<std::uint8_t>(text(offset, 1)[0]); }

  [[noreturn]] void fail_cut_off() const { throw InputError(name_ + " is cut off; copy or export it again"); }

  [[noreturn]] void fail_damaged() const { throw InputError(name_ + " is damaged; export it again as PNG"); }

 private:
  std::string_view bytes_;
  std::string name_;
};

inline constexpr std::string_view kPngSignature{"\x89PNG\r\n\x1a\n", 8};

// Colour types of PNG, of which some are named.
inline constexpr int kPngGrey = 0;
inline constexpr int kPngPalette = 3;

}  // namespace tha4
