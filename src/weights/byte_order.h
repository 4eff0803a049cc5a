#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

namespace tha4 {

static_assert(std::endian::native == std::endian::little, "weights files hold little-endian numbers");

/// The little-endian number at \p offset of \p bytes, which the caller knows to be long enough.
template <std::unsigned_integral T>
T number_at(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.subspan(offset, sizeof(T)).data(), sizeof(T));
  return value;
}

/// Appends \p value to \p text as a little-endian number of the width of T.
template <std::unsigned_integral T>
void append_number(std::string& text, std::type_identity_t<T> value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  text.append(bytes, sizeof(T));
}

}  // namespace tha4
