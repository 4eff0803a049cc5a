#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tha4 {

/// Encodes one protocol buffer message, field by field, in the wire format of
/// https://protobuf.dev/programming-guides/encoding/.
class ProtobufMessage {
 public:
  ProtobufMessage& add_integer(int field, std::int64_t value);
  ProtobufMessage& add_float(int field, float value);
  ProtobufMessage& add_double(int field, double value);

  /// A string, bytes, or an encoded message.
  ProtobufMessage& add_bytes(int field, std::string_view bytes);

  const std::string& bytes() const { return bytes_; }

 private:
  void add_key(int field, int wire_type);
  void add_varint(std::uint64_t value);

  std::string bytes_;
};

/// Appends the \p size lowest bytes of \p value to \p bytes, the lowest first.
void append_little_endian(std::string& bytes, std::uint64_t value, int size);

}  // namespace tha4
