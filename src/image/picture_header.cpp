#include "picture_header.h"

#include <cstdint>

#include <zlib.h>

#include "tha4/base/error.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

using namespace std::literals;

/// Reads numbers out of a file's bytes; whatever lies outside of them is an InputError.
class ByteReader {
 public:
  ByteReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

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
  const std::string& name_;
};

Picture checked_size(PictureFormat format, std::uint32_t width, std::uint32_t height,
                     const std::string& name) {
  if (width == 0 || height == 0) throw InputError(name + " is damaged: it claims to have no pixels");
  if (width > kMaxImageSide || height > kMaxImageSide || std::int64_t{width} * height > kMaxImageArea) {
    throw InputError(name + " is " + std::to_string(width) + "x" + std::to_string(height) +
                     "; make it smaller: at most " + std::to_string(kMaxImageSide) + " pixels a side and " +
                     std::to_string(kMaxImageArea >> 20) + " megapixels are read");
  }
  return {format, static_cast<int>(width), static_cast<int>(height), {}};
}

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;

Picture inspect_png(std::string_view bytes, const std::string& name) {
  const ByteReader reader(bytes, name);
  if (reader.text(12, 4) != "IHDR") reader.fail_damaged();
  Picture picture =
      checked_size(PictureFormat::png, reader.big_endian(16, 4), reader.big_endian(20, 4), name);
  picture.bytes = kPngSignature;
  std::size_t offset = kPngSignature.size();
  bool has_pixels = false;
  for (std::string_view type; type != "IEND";) {
    // A chunk is length, type, content, checksum of type and content.
    const std::size_t length = reader.big_endian(offset, 4);
    const std::string_view chunk = reader.text(offset, length + 12);
    type = chunk.substr(4, 4);
    const auto* checked = reinterpret_cast<const Bytef*>(chunk.data() + 4);
    if (crc32(0, checked, static_cast<uInt>(length + 4)) != reader.big_endian(offset + 8 + length, 4)) {
      reader.fail_damaged();
    }
    has_pixels |= type == "IDAT";
    if (type == "IHDR" || type == "PLTE" || type == "tRNS" || type == "IDAT" || type == "IEND") {
      picture.bytes += chunk;
    }
    offset += chunk.size();
  }
  if (!has_pixels) reader.fail_damaged();
  return picture;
}

Picture inspect_webp(std::string_view bytes, const std::string& name) {
  const ByteReader reader(bytes, name);
  reader.text(8, reader.little_endian(4, 4));
  const std::string_view type = reader.text(12, 4);
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  if (type == "VP8X") {
    constexpr std::uint8_t kAnimated = 2;
    if ((reader.byte(20) & kAnimated) != 0) {
      throw InputError(name + " is an animated WebP; export a single frame of it as PNG");
    }
    width = reader.little_endian(24, 3) + 1;
    height = reader.little_endian(27, 3) + 1;
  } else if (type == "VP8L") {
    const std::uint32_t packed = reader.little_endian(21, 4);
    width = (packed & 0x3fff) + 1;
    height = (packed >> 14 & 0x3fff) + 1;
  } else if (type == "VP8 ") {
    width = reader.little_endian(26, 2) & 0x3fff;
    height = reader.little_endian(28, 2) & 0x3fff;
  } else {
    reader.fail_damaged();
  }
  Picture picture = checked_size(PictureFormat::webp, width, height, name);
  picture.bytes = bytes;
  return picture;
}

/// Whether a marker begins a frame and so carries the size: SOF0 to SOF15 but for DHT, JPG and DAC.
bool is_frame_marker(std::uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

Picture inspect_jpeg(std::string_view bytes, const std::string& name) {
  const ByteReader reader(bytes, name);
  constexpr std::uint8_t kStartOfScan = 0xda;
  Picture picture{PictureFormat::jpeg, 0, 0, {}};
  std::size_t offset = 2;
  for (std::uint8_t marker = 0; marker != kStartOfScan;) {
    if (reader.byte(offset) != 0xff) reader.fail_damaged();
    marker = reader.byte(offset + 1);
    if (marker == 0xff) {  // a fill byte
      ++offset;
      continue;
    }
    if (is_frame_marker(marker)) {
      picture = checked_size(PictureFormat::jpeg, reader.big_endian(offset + 7, 2),
                             reader.big_endian(offset + 5, 2), name);
    }
    offset += 2 + reader.big_endian(offset + 2, 2);
  }
  if (picture.width == 0) reader.fail_damaged();
  constexpr std::string_view kEndOfImage = "\xff\xd9"sv;
  if (bytes.find(kEndOfImage, offset) == std::string_view::npos) reader.fail_cut_off();
  picture.bytes = bytes;
  return picture;
}

}  // namespace

Picture inspect_picture(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with(kPngSignature)) return inspect_png(bytes, name);
  if (bytes.starts_with("\xff\xd8\xff"sv)) return inspect_jpeg(bytes, name);
  if (bytes.starts_with("RIFF"sv) && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP"sv)
    return inspect_webp(bytes, name);
  throw InputError(name + " is not a PNG, WebP or JPEG picture; export it as PNG");
}

}  // namespace tha4
