#include "picture_orientation.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "picture_bytes.h"

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using namespace std::literals;

constexpr std::string_view kExif = "Exif\0\0"sv;

void take(std::uint32_t orientation, OrientationSource source, Picture& picture) {
  if (orientation < 1 || orientation > 8 || source <= picture.orientation_source) return;
  picture.orientation = static_cast<int>(orientation);
  picture.orientation_source = source;
}

/// The orientation that EXIF data state; 0 where they state none or are damaged.
std::uint32_t exif_orientation(std::string_view exif) {
  constexpr std::uint32_t kOrientation = 0x112;
  if (exif.starts_with(kExif)) exif.remove_prefix(kExif.size());
  const bool is_little = exif.starts_with("II"sv);
  if (!is_little && !exif.starts_with("MM"sv)) return 0;
  const ByteReader reader(exif, "");
  const auto number = [&](std::size_t offset, std::size_t length) {
    return is_little ? reader.little_endian(offset, length) : reader.big_endian(offset, length);
  };
  try {
    const std::size_t list = number(4, 4);
    for (std::size_t i = 0; i < number(list, 2); ++i) {
      const std::size_t entry = list + 2 + 12 * i;
      if (number(entry, 2) != kOrientation) continue;
      constexpr std::uint32_t kByte = 1, kLong = 4;  // which some programs write
      const std::uint32_t type = number(entry + 2, 2);
      return number(entry + 8, type == kLong ? 4 : type == kByte ? 1 : 2);
    }
  } catch (const InputError&) {
    // Cut off: whatever it was meant to state is not there.
  }
  return 0;
}

/// The bytes that stand in digits behind a line with a name and one with their count.
std::string bytes_of_digits(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
  for (int line = 0; line < 2; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string bytes;
  int half = -1;
  for (const char c : text) {
    const std::size_t digit = "0123456789abcdef"sv.find(c);
    if (digit == std::string_view::npos) continue;
    if (half >= 0) bytes += static_cast<char>(16 * half + static_cast<int>(digit));
    half = half >= 0 ? -1 : static_cast<int>(digit);
  }
  return bytes;
}

}  // namespace

void take_exif(std::string_view exif, OrientationSource source, Picture& picture) {
  take(exif_orientation(exif), source, picture);
}

void take_xmp(std::string_view xmp, Picture& picture) {
  constexpr std::string_view kName = "tiff:Orientation";
  const std::size_t found = xmp.find(kName);
  if (found == std::string_view::npos) return;
  // As an attribute, tiff:Orientation="6", or as an element, <tiff:Orientation>6</...>.
  const std::size_t digit = xmp.find_first_not_of("=\"'> \t\r\n", found + kName.size());
  if (digit == std::string_view::npos || xmp[digit] < '0' || xmp[digit] > '9') return;
  take(static_cast<std::uint32_t>(xmp[digit] - '0'), OrientationSource::xmp, picture);
}

void take_png_text(std::string_view keyword, std::string_view text, Picture& picture) {
  if (keyword == "XML:com.adobe.xmp") return take_xmp(text, picture);
  if (!keyword.starts_with("Raw profile type ")) return;
  const std::string bytes = bytes_of_digits(text);
  if (bytes.find("tiff:Orientation") != std::string::npos) return take_xmp(bytes, picture);
  take_exif(bytes, OrientationSource::text, picture);
}

}  // namespace tha4
