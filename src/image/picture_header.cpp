#include "picture_header.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "picture_bytes.h"
#include "picture_orientation.h"
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

/// Takes what a chunk of text says, of which only the orientation counts: keyword, what it is packed by,
/// text.
void take_png_chunk_of_text(std::string_view type, std::string_view content, Picture& picture) {
  const std::size_t end = content.find('\0');
  if (end == std::string_view::npos) return;
  const std::string_view keyword = content.substr(0, end);
  std::string_view text = content.substr(end + 1);
  if (type == "tEXt") return take_png_text(keyword, text, picture);
  if (type == "zTXt")
    return take_png_text(keyword, inflated(text.substr(std::min<std::size_t>(1, text.size()))), picture);
  if (type != "iTXt" || text.size() < 2) return;
  const bool is_compressed = text[0] != 0;
  text.remove_prefix(2);
  for (int name = 0; name < 2; ++name) {  // the language, and the keyword in it
    const std::size_t last = text.find('\0');
    if (last == std::string_view::npos) return;
    text.remove_prefix(last + 1);
  }
  take_png_text(keyword, is_compressed ? inflated(text) : std::string(text), picture);
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
    take_exif(content, OrientationSource::exif, picture);
  } else {
    take_png_chunk_of_text(type, content, picture);
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
    const bool may_be_late = type == "eXIf" || type == "tEXt" || type == "zTXt" || type == "iTXt";
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
      take_exif(content, OrientationSource::exif, picture);
    } else if (type == "XMP ") {
      take_xmp(content, picture);
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
      const Picture sized = checked_size(PictureFormat::jpeg, reader.big_endian(offset + 7, 2),
                                         reader.big_endian(offset + 5, 2), name);
      picture.format = sized.format;
      picture.width = sized.width;
      picture.height = sized.height;
    }
    const std::size_t length = reader.big_endian(offset + 2, 2);
    constexpr std::string_view kProfile = "ICC_PROFILE\0"sv;
    if (marker == kExifMarker && length >= 8) {
      constexpr std::string_view kXmp = "http://ns.adobe.com/xap/1.0/\0"sv;
      const std::string_view content = reader.text(offset + 4, length - 2);
      if (content.starts_with("Exif\0\0"sv)) take_exif(content, OrientationSource::exif, picture);
      if (content.starts_with(kXmp)) take_xmp(content.substr(kXmp.size()), picture);
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

struct OtherFormat {
  std::size_t offset;
  std::string_view begin;
  const char* name;
};

/// What is taken for a picture, and is one of another format, or a document of a paint program.
constexpr std::array kOtherFormats = {
    OtherFormat{0, "GIF8"sv, "a GIF"},
    OtherFormat{0, "BM"sv, "a BMP"},
    OtherFormat{0, "II*\0"sv, "a TIFF"},
    OtherFormat{0, "MM\0*"sv, "a TIFF"},
    OtherFormat{4, "ftypavif"sv, "an AVIF"},
    OtherFormat{4, "ftypavis"sv, "an AVIF"},
    OtherFormat{4, "ftyphei"sv, "a HEIC"},
    OtherFormat{4, "ftypmif1"sv, "a HEIC"},
    OtherFormat{4, "ftyp"sv, "a video (MP4)"},
    OtherFormat{0, "\x1A\x45\xDF\xA3"sv, "a video (WebM)"},
    OtherFormat{0, "\0\0\0\x0CJXL "sv, "a JPEG XL"},
    OtherFormat{0, "\xFF\x0A"sv, "a JPEG XL"},
    OtherFormat{0, "\0\0\0\x0CjP  "sv, "a JPEG 2000"},
    OtherFormat{0, "8BPS"sv, "a document of Photoshop (PSD)"},
    OtherFormat{0, "CSFCHUNK"sv, "a document of Clip Studio Paint"},
    OtherFormat{0, "gimp xcf"sv, "a document of GIMP"},
    OtherFormat{30, "mimetypeapplication/x-krita"sv, "a document of Krita"},
    OtherFormat{30, "mimetypeimage/openraster"sv, "a document (OpenRaster)"},
    OtherFormat{0, "%PDF"sv, "a PDF"},
    OtherFormat{0, "<svg"sv, "an SVG"},
    OtherFormat{0, "<?xml"sv, "XML, perhaps an SVG"},
    OtherFormat{0, "\0\0\1\0"sv, "an icon (ICO)"},
    OtherFormat{0, "icns"sv, "an icon (ICNS)"},
    OtherFormat{0, "DDS "sv, "a DDS texture"},
    OtherFormat{0, "\xABKTX"sv, "a KTX texture"},
    OtherFormat{0, "qoif"sv, "a QOI"},
    OtherFormat{0, "v/1\1"sv, "an OpenEXR"}};

void refuse_other_format(std::string_view bytes, const std::string& name) {
  for (const OtherFormat& format : kOtherFormats) {
    if (bytes.size() < format.offset || !bytes.substr(format.offset).starts_with(format.begin)) continue;
    throw InputError(name + " is " + format.name +
                     ", not a PNG, WebP or JPEG picture; open it in a paint program and export it as PNG");
  }
  // "\x89PNG\r\n\x1a\n" is made so that this shows.
  if (bytes.starts_with("\x89PNG"sv) && !bytes.starts_with(kPngSignature)) {
    throw InputError(name +
                     " is not a PNG, WebP or JPEG picture: it was copied as if it were text, which spoils a "
                     "PNG; copy or download it again, as binary");
  }
}

}  // namespace

Picture inspect_picture(std::string_view bytes, const std::string& name) {
  if (bytes.empty())
    throw InputError(name + " is empty, not a PNG, WebP or JPEG picture; copy or export it again");
  refuse_other_format(bytes, name);
  refuse_foreign_file(bytes, name);
  if (bytes.starts_with(kPngSignature)) return inspect_png(bytes, name);
  if (bytes.starts_with("\xff\xd8\xff"sv)) return inspect_jpeg(bytes, name);
  if (bytes.starts_with("RIFF"sv) && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP"sv)
    return inspect_webp(bytes, name);
  throw InputError(name + " is not a PNG, WebP or JPEG picture; export it as PNG");
}

}  // namespace tha4
