#include "glb_container.h"

#include <cstdint>

#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"

namespace tha4 {
namespace {

constexpr std::size_t kHeaderSize = 12;
constexpr std::size_t kChunkHeaderSize = 8;
constexpr std::uint32_t kJsonChunk = 0x4E4F534A;
constexpr std::uint32_t kBinaryChunk = 0x004E4942;

std::uint32_t number_at(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[offset + i]);
  return value;
}

void append_number(std::string& bytes, std::size_t value) {
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

void append_chunk(std::string& bytes, std::uint32_t type, std::string_view content, char padding) {
  const std::size_t size = (content.size() + 3) / 4 * 4;
  append_number(bytes, size);
  append_number(bytes, type);
  bytes += content;
  bytes.append(size - content.size(), padding);
}

[[noreturn]] void fail_magic(std::string_view bytes, const std::string& name) {
  const auto text = bytes.substr(
      0, bytes.find_first_not_of(" \t\r\n") == std::string_view::npos ? 0 : std::string_view::npos);
  const auto first = text.find_first_not_of(" \t\r\n");
  refuse_foreign_file(bytes, name);
  if (bytes.empty()) throw InputError(name + " is empty, not a VRM file; copy or download it again");
  if (first != std::string_view::npos && text[first] == '<') {
    throw InputError(name + " is XML, not a VRM file; export the model as .vrm");
  }
  if (first != std::string_view::npos && text[first] == '{') {
    throw InputError(name + " is glTF as text, not a VRM file; export the model as .vrm");
  }
  throw InputError(name + " is not a VRM file: it does not begin as binary glTF does; export it as .vrm");
}

}  // namespace

GlbParts split_glb(std::string_view bytes, const std::string& name) {
  const std::string cut_off = name + " is cut off; copy or download it again";
  if (bytes.size() < 4 || !bytes.starts_with("glTF")) fail_magic(bytes, name);
  if (bytes.size() < kHeaderSize + kChunkHeaderSize) throw InputError(cut_off);
  if (const std::uint32_t version = number_at(bytes, 4); version != 2) {
    throw InputError(name + " is binary glTF of version " + std::to_string(version) +
                     "; only version 2 is read: export it as VRM 0.x or 1.0");
  }
  const std::size_t length = number_at(bytes, 8);
  if (length > bytes.size()) {
    throw InputError(cut_off + " (it has " + std::to_string(bytes.size()) + " of " + std::to_string(length) +
                     " bytes)");
  }
  GlbParts parts;
  bool is_first = true;
  for (std::size_t offset = kHeaderSize; offset < length;) {
    if (length - offset < kChunkHeaderSize) {
      throw InputError(name + ": the chunk at byte " + std::to_string(offset) +
                       " has no room for its header; the file is damaged: export it again");
    }
    const std::size_t size = number_at(bytes, offset);
    const std::uint32_t type = number_at(bytes, offset + 4);
    offset += kChunkHeaderSize;
    if (size > length - offset) {
      throw InputError(name + ": the chunk at byte " + std::to_string(offset - kChunkHeaderSize) +
                       " claims " + std::to_string(size) + " bytes, but only " +
                       std::to_string(length - offset) + " follow; the file is damaged: export it again");
    }
    if (is_first != (type == kJsonChunk)) {
      throw InputError(name +
                       ": a binary glTF file begins with its one JSON chunk, this one does not; "
                       "export it again");
    }
    const std::string_view content = bytes.substr(offset, size);
    if (is_first) parts.json = content;
    if (type == kBinaryChunk && parts.binary.empty()) parts.binary = content;
    is_first = false;
    offset += (size + 3) / 4 * 4;
  }
  return parts;
}

std::string join_glb(std::string_view json, std::string_view binary) {
  std::string chunks;
  append_chunk(chunks, kJsonChunk, json, ' ');
  if (!binary.empty()) append_chunk(chunks, kBinaryChunk, binary, '\0');
  if (chunks.size() > 0xFFFFFFFF - kHeaderSize) {
    throw InputError("a binary glTF file holds at most 4 GiB; make the textures smaller");
  }
  std::string bytes = "glTF";
  append_number(bytes, 2);
  append_number(bytes, kHeaderSize + chunks.size());
  return bytes + chunks;
}

}  // namespace tha4
