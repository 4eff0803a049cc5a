#include "picture_header.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "picture_bytes.h"
#include <zlib.h>

#include "tha4/base/error.h"
#include "tha4/base/foreign_file.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

using namespace std::literals;

Picture checked_size(PictureFormat format, std::uint32_t width, std::uint32_t height,
                     const std::string& name) {
  if (width == 0 || height == 0) throw InputError(name + " is damaged: it claims to have no pixels");
  if (width > kMaxImageSide || height > kMaxImageSide || std::int64_t{width} * height > kMaxImageArea) {
    throw InputError(name + " is " + std::to_string(width) + "x" + std::to_string(height) +
                     "; make it smaller: at most " + std::to_string(kMaxImageSide) + " pixels a side and " +
                     std::to_string(kMaxImageArea >> 20) + " megapixels are read");
  }
  Picture picture;
  picture.format = format;
  picture.width = static_cast<int>(width);
  picture.height = static_cast<int>(height);
  return picture;
}

/// The orientation that EXIF data states; 1 where it states none or is damaged.
int exif_orientation(std::string_view exif) {
  constexpr std::uint32_t kOrientation = 0x112;
  if (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);
  const bool is_little = exif.starts_with("II"sv);
  if (!is_little && !exif.starts_with("MM"sv)) return 1;
  const ByteReader reader(exif, "");
  const auto number = [&](std::size_t offset, std::size_t length) {
    return is_little ? reader.little_endian(offset, length) : reader.big_endian(offset, length);
  };
  try {
    const std::size_t list = number(4, 4);
    for (std::size_t i = 0; i < number(list, 2); ++i) {
      const std::size_t entry = list + 2 + 12 * i;
      if (number(entry, 2) != kOrientation) continue;
      constexpr std::uint32_t kLong = 4;  // which some programs write
      const std::uint32_t value = number(entry + 8, number(entry + 2, 2) == kLong ? 4 : 2);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
  } catch (const InputError&) {
    // Cut off: whatever it was meant to state is not there.
  }
  return 1;
}

/// What a zlib stream holds; empty where it is damaged or holds more than a profile may.
std::string inflated(std::string_view compressed) {
  constexpr std::size_t kMaxProfile = std::size_t{16} << 20;
  std::string content(std::min(kMaxProfile, compressed.size() * 64 + 4096), '\0');
  while (true) {
    auto length = static_cast<uLongf>(content.size());
    const int result = uncompress(reinterpret_cast<Bytef*>(content.data()), &length,
                                  reinterpret_cast<const Bytef*>(compressed.data()), compressed.size());
    if (result == Z_OK) {
      content.resize(length);
      return content;
    }
    if (result != Z_BUF_ERROR || content.size() >= kMaxProfile) return {};
    content.resize(std::min(kMaxProfile, 4 * content.size()));
  }
}

/// EXIF data as ImageMagick and others had it before PNG had a chunk for them: digits after a line with their
/// count. Empty where \p text is of another form.
std::string exif_of_digits(std::string_view text) {
  const std::size_t count = text.find_first_of("0123456789");
  const std::size_t begin = text.find('\n', count);
  if (text.substr(0, count).find("exif"sv) == std::string_view::npos || begin == std::string_view::npos)
    return {};
  std::string exif;
  int half = -1;
  for (const char c : text.substr(begin)) {
    const std::size_t digit = "0123456789abcdef"sv.find(c);
    if (digit == std::string_view::npos) continue;
    if (half >= 0) exif += static_cast<char>(16 * half + static_cast<int>(digit));
    half = half >= 0 ? -1 : static_cast<int>(digit);
  }
  return exif;
}

/// Takes what a text says, of which only EXIF data count; a chunk for these has more weight.
void take_png_text(std::string_view type, std::string_view content, Picture& picture) {
  constexpr std::string_view kName = "Raw profile type exif\0"sv;
  if (!content.starts_with(kName) || picture.orientation != 1) return;
  content.remove_prefix(kName.size());
  if (type == "tEXt") picture.orientation = exif_orientation(exif_of_digits(content));
  if (type == "zTXt" && !content.empty())
    picture.orientation = exif_orientation(exif_of_digits(inflated(content.substr(1))));
}

/// Takes what a chunk besides the pixels says of the picture.
void take_png_chunk(std::string_view type, std::string_view content, Picture& picture) {
  const ByteReader reader(content, "");
  if (type == "iCCP" && !picture.has_profile) {
    picture.has_profile = true;
    const std::size_t end = content.find('\0');
    if (end != std::string_view::npos && end + 2 <= content.size()) {
      picture.profile = inflated(content.substr(end + 2));
    }
  } else if (type == "cICP" && content.size() == 4) {
    picture.cicp.emplace();
    for (std::size_t i = 0; i < 4; ++i) (*picture.cicp)[i] = reader.byte(i);
  } else if (type == "sRGB") {
    picture.is_marked_srgb = true;
  } else if (type == "gAMA" && content.size() == 4) {
    picture.gamma = reader.big_endian(0, 4);
  } else if (type == "cHRM" && content.size() == 32) {
    picture.chromaticities.emplace();
    for (std::size_t i = 0; i < 8; ++i) (*picture.chromaticities)[i] = reader.big_endian(4 * i, 4);
  } else if (type == "eXIf") {
    picture.orientation = exif_orientation(content);
  } else {
    take_png_text(type, content, picture);
  }
}

/// Whether a PNG's colour type may have channels of \p depth bits.
bool is_png_depth(int color_type, int depth) {
  const bool is_whole = depth == 8 || depth == 16;
  const bool is_part = depth == 1 || depth == 2 || depth == 4;
  switch (color_type) {
    case kPngGrey:
      return is_whole || is_part;
    case kPngPalette:
      return depth == 8 || is_part;
    case 2:
    case 4:
    case 6:
      return is_whole;
    default:
      return false;
  }
}

/// What libpng is to see of a PNG: each of these chunks once, where it belongs, and all pixels.
class PngChunks {
 public:
  PngChunks(Picture& picture, int color_type) : picture_(picture), color_type_(color_type) {}

  bool has_pixels() const { return has_pixels_; }

  /// False for a chunk that makes the file a damaged one.
  bool take(std::string_view type, std::string_view chunk) {
    const std::string_view content = chunk.substr(8, chunk.size() - 12);
    if (type == "IHDR") return std::exchange(has_header_, true) ? false : keep(chunk);
    if (type == "IDAT") {
      if (pixels_are_over_ || (color_type_ == kPngPalette && !has_palette_)) return false;
      has_pixels_ = true;
      return keep(chunk);
    }
    pixels_are_over_ = has_pixels_;
    if (type == "IEND") return has_pixels_ && keep(chunk);
    if (has_pixels_) return true;
    if (type == "PLTE" && color_type_ == kPngPalette && !std::exchange(has_palette_, true)) {
      entries_ = content.size() / 3;
      return entries_ > 0 && entries_ <= 256 && content.size() % 3 == 0 && keep(chunk);
    }
    if (type == "tRNS" && !std::exchange(has_transparency_, true)) take_transparency(content, chunk);
    return true;
  }

 private:
  bool keep(std::string_view chunk) {
    picture_.bytes += chunk;
    return true;
  }
  void take_transparency(std::string_view content, std::string_view chunk) {
    if ((color_type_ == kPngGrey && content.size() == 2) || (color_type_ == 2 && content.size() == 6) ||
        (color_type_ == kPngPalette && has_palette_ && !content.empty() && content.size() <= entries_)) {
      keep(chunk);
    }
  }

  Picture& picture_;
  int color_type_;
  std::size_t entries_ = 0;
  bool has_header_ = false;
  bool has_palette_ = false;
  bool has_transparency_ = false;
  bool has_pixels_ = false;
  bool pixels_are_over_ = false;
};

Picture inspect_png(std::string_view bytes, const std::string& name) {
  const ByteReader reader(bytes, name);
  if (reader.text(12, 4) == "CgBI") {
    throw InputError(name +
                     " is a PNG of Apple's own kind (CgBI), as apps of phones hold it; export it as PNG");
  }
  if (reader.text(12, 4) != "IHDR" || reader.big_endian(8, 4) != 13) reader.fail_damaged();
  Picture picture =
      checked_size(PictureFormat::png, reader.big_endian(16, 4), reader.big_endian(20, 4), name);
  const int color_type = reader.byte(25);
  if (!is_png_depth(color_type, reader.byte(24)) || reader.byte(26) != 0 || reader.byte(27) != 0 ||
      reader.byte(28) > 1) {
    reader.fail_damaged();
  }
  picture.bytes = kPngSignature;
  PngChunks chunks(picture, color_type);
  std::size_t offset = kPngSignature.size();
  for (std::string_view type; type != "IEND";) {
    // A chunk is length, type, content, checksum of type and content.
    const std::size_t length = reader.big_endian(offset, 4);
    const std::string_view chunk = reader.text(offset, length + 12);
    type = chunk.substr(4, 4);
    const auto* checked = reinterpret_cast<const Bytef*>(chunk.data() + 4);
    const bool is_whole =
        crc32(0, checked, static_cast<uInt>(length + 4)) == reader.big_endian(offset + 8 + length, 4);
    if (!is_whole || !chunks.take(type, chunk)) reader.fail_damaged();
    // What says how the pixels are to be understood stands before them, or does not count.
    const bool may_be_late = type == "eXIf" || type == "tEXt" || type == "zTXt";
    if (may_be_late || !chunks.has_pixels()) take_png_chunk(type, chunk.substr(8, length), picture);
    offset += chunk.size();
  }
  return picture;
}

/// What the chunks of an extended WebP say besides the pixels.
void take_webp_chunks(const ByteReader& reader, std::size_t size, Picture& picture) {
  for (std::size_t offset = 12; offset + 8 <= size;) {
    const std::string_view type = reader.text(offset, 4);
    const std::size_t length = reader.little_endian(offset + 4, 4);
    if (length > size - offset - 8) return;
    const std::string_view content = reader.text(offset + 8, length);
    if (type == "ICCP") {
      picture.has_profile = true;
      picture.profile = content;
    } else if (type == "EXIF") {
      picture.orientation = exif_orientation(content);
    }
    offset += 8 + length + length % 2;
  }
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
  if (type == "VP8X") take_webp_chunks(reader, bytes.size(), picture);
  return picture;
}

/// Whether a marker begins a frame and so carries the size: SOF0 to SOF15 but for DHT, JPG and DAC.
bool is_frame_marker(std::uint8_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

Picture inspect_jpeg(std::string_view bytes, const std::string& name) {
  const ByteReader reader(bytes, name);
  constexpr std::uint8_t kStartOfScan = 0xda;
  constexpr std::uint8_t kExifMarker = 0xe1;
  constexpr std::uint8_t kProfileMarker = 0xe2;
  Picture picture;
  std::map<int, std::string_view> profile;  // its parts, by number
  std::size_t offset = 2;
  for (std::uint8_t marker = 0; marker != kStartOfScan;) {
    if (reader.byte(offset) != 0xff) reader.fail_damaged();
    marker = reader.byte(offset + 1);
    if (marker == 0xff) {  // a fill byte
      ++offset;
      continue;
    }
    if (is_frame_marker(marker)) {
      const int orientation = picture.orientation;
      picture = checked_size(PictureFormat::jpeg, reader.big_endian(offset + 7, 2),
                             reader.big_endian(offset + 5, 2), name);
      picture.orientation = orientation;
    }
    const std::size_t length = reader.big_endian(offset + 2, 2);
    constexpr std::string_view kProfile = "ICC_PROFILE\0"sv;
    if (marker == kExifMarker && length >= 8 && reader.text(offset + 4, 6) == "Exif\0\0"sv) {
      picture.orientation = exif_orientation(reader.text(offset + 4, length - 2));
    }
    if (marker == kProfileMarker && length >= 16) {
      const std::string_view content = reader.text(offset + 4, length - 2);
      if (content.starts_with(kProfile)) {
        profile.emplace(static_cast<std::uint8_t>(content[12]), content.substr(14));
      }
    }
    offset += 2 + length;
  }
  if (picture.width == 0) reader.fail_damaged();
  picture.has_profile = !profile.empty();
  for (const auto& [number, part] : profile) picture.profile += part;
  constexpr std::string_view kEndOfImage = "\xff\xd9"sv;
  if (bytes.find(kEndOfImage, offset) == std::string_view::npos) reader.fail_cut_off();
  picture.bytes = bytes;
  return picture;
}

}  // namespace

Picture inspect_picture(std::string_view bytes, const std::string& name) {
  if (bytes.empty())
    throw InputError(name + " is empty, not a PNG, WebP or JPEG picture; copy or export it again");
  refuse_foreign_file(bytes, name);
  if (bytes.starts_with(kPngSignature)) return inspect_png(bytes, name);
  if (bytes.starts_with("\xff\xd8\xff"sv)) return inspect_jpeg(bytes, name);
  if (bytes.starts_with("RIFF"sv) && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP"sv)
    return inspect_webp(bytes, name);
  throw InputError(name + " is not a PNG, WebP or JPEG picture; export it as PNG");
}

}  // namespace tha4
