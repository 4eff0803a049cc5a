#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// A reader of TensorBoard event files that shares no code with the writer. It throws std::runtime_error at
// whatever is wrong with a file.

namespace tha4 {

/// CRC-32C bit by bit, as its definition says.
inline std::uint32_t plain_crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
  }
  return crc ^ 0xFFFFFFFF;
}

template <class T>
T take(std::string_view& bytes) {
  if (bytes.size() < sizeof(T)) throw std::runtime_error("cut off");
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  return value;
}

inline std::string_view take_bytes(std::string_view& bytes, std::uint64_t size) {
  if (bytes.size() < size) throw std::runtime_error("cut off");
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

inline void take_crc(std::string_view& bytes, std::string_view data) {
  const std::uint32_t masked = take<std::uint32_t>(bytes);
  if (std::rotl(masked - 0xA282EAD8, 15) != plain_crc32c(data)) throw std::runtime_error("wrong checksum");
}

/// The contents of the records of a TFRecord file.
inline std::vector<std::string> read_records(std::string_view file) {
  std::vector<std::string> records;
  while (!file.empty()) {
    const std::string_view length = take_bytes(file, 8);
    take_crc(file, length);
    std::string_view digits = length;
    const std::string_view data = take_bytes(file, take<std::uint64_t>(digits));
    take_crc(file, data);
    records.emplace_back(data);
  }
  return records;
}

/// A field's value: `number` for the numeric wire types (the raw bits of floats and doubles), else `bytes`.
struct WireValue {
  int wire_type = 0;
  std::uint64_t number = 0;
  std::string bytes;
};

using WireMessage = std::multimap<int, WireValue>;

inline std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = take<std::uint8_t>(bytes);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  throw std::runtime_error("endless number");
}

inline WireMessage parse_message(std::string_view bytes) {
  WireMessage message;
  while (!bytes.empty()) {
    const std::uint64_t key = take_varint(bytes);
    WireValue value;
    value.wire_type = static_cast<int>(key & 7);
    switch (value.wire_type) {
      case 0:
        value.number = take_varint(bytes);
        break;
      case 1:
        value.number = take<std::uint64_t>(bytes);
        break;
      case 2:
        value.bytes = take_bytes(bytes, take_varint(bytes));
        break;
      case 5:
        value.number = take<std::uint32_t>(bytes);
        break;
      default:
        throw std::runtime_error("unknown wire type");
    }
    message.emplace(static_cast<int>(key >> 3), std::move(value));
  }
  return message;
}

/// The one field of that number.
inline const WireValue& only(const WireMessage& message, int field) {
  if (message.count(field) != 1)
    throw std::runtime_error("field " + std::to_string(field) + " is not there once");
  return message.find(field)->second;
}

}  // namespace tha4
