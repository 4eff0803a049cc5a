#include <cstdint>

#include "image/test_picture.h"
#include "reader_lists.h"
#include <lcms2.h>

#include "tha4/image/image_io.h"

namespace tha4::fuzz {
namespace {

using namespace std::literals;

/// Larger pictures take a fuzzer's time, and show nothing more.
constexpr int kLargestSide = 96;

void read_picture(const std::string& bytes) {
  const auto [width, height] = picture_size(bytes, "picture");
  if (width > kLargestSide || height > kLargestSide) throw InputError("too large to be tried");
  decode_image(bytes, "picture", {.largest_side = kLargestSide});
}

/// The bytes of a PNG whose checksums, which keep damage from the reader, are made right first.
void read_png(const std::string& bytes) {
  std::string png = bytes;
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(png[at]));
  };
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const std::size_t length = byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
    if (length > png.size() - at - 12) break;
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(png.data() + at + 4), static_cast<uInt>(length + 4));
    png.replace(at + 8 + length, 4, test::big_endian(static_cast<std::uint32_t>(sum)));
    at += length + 12;
  }
  read_picture(png);
}

/// A few pixels of all kinds.
RgbaImage small_picture() {
  RgbaImage picture(9, 7);
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    picture.pixels[i] = static_cast<std::uint8_t>(37 * i);
  }
  return picture;
}

std::string jpeg_bytes(const RgbaImage& picture) {
  const auto file = scratch_file("seed.jpg", "");
  write_image(file, picture);
  return read_text_file(file);
}

/// That the picture lies on its side.
const std::string kExif = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"s;

/// A linear profile of sRGB's primaries.
std::string profile_bytes() {
  const cmsCIExyY white = {0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
  cmsToneCurve* const curve = cmsBuildGamma(nullptr, 1);
  cmsToneCurve* const curves[] = {curve, curve, curve};
  cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::string bytes(size, '\0');
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  cmsFreeToneCurve(curve);
  return bytes;
}

std::string jpeg_with_profile() {
  const auto segment = [](char marker, const std::string& content) {
    const auto length = test::big_endian(static_cast<std::uint32_t>(content.size() + 2));
    return "\xff"s + marker + length.substr(2) + content;
  };
  std::string jpeg = jpeg_bytes(small_picture());
  jpeg.insert(
      2, segment('\xe1', "Exif\0\0"s + kExif) + segment('\xe2', "ICC_PROFILE\0\x01\x01"s + profile_bytes()));
  return jpeg;
}

std::string webp_chunk(const std::string& type, std::string content) {
  std::string length = test::big_endian(static_cast<std::uint32_t>(content.size()));
  std::reverse(length.begin(), length.end());
  if (content.size() % 2 != 0) content += '\0';
  return type + length + content;
}

std::string webp_with_profile() {
  const std::string pixels = webp_bytes(small_picture()).substr(12);
  return webp_chunk("RIFF", "WEBP" + webp_chunk("VP8X", "\x38\0\0\0\x08\0\0\x06\0\0"s) +
                                webp_chunk("ICCP", profile_bytes()) + pixels + webp_chunk("EXIF", kExif));
}

std::vector<std::string> picture_seeds() {
  const RgbaImage picture = small_picture();
  return {png_bytes(picture), webp_bytes(picture), jpeg_bytes(picture), jpeg_with_profile(),
          webp_with_profile()};
}

std::vector<std::string> png_seeds() {
  using test::png_chunk;
  using test::png_file;
  using test::PngColor;
  std::string packed(4096, '\0');
  uLongf size = packed.size();
  const std::string profile = profile_bytes();
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(profile.data()),
           static_cast<uLong>(profile.size()));
  packed.resize(size);
  const std::string colors = png_chunk("gAMA", "\0\0\xb1\x8f"s) + png_chunk("eXIf", kExif);
  const std::string white = "\0\0\x7a\x26\0\0\x80\x84"s;
  // EXIF as ImageMagick has it.
  const std::string exif = "\nexif\n      28\n45786966000049492a00080000000100120103000100000006000000\n";
  return {
      png_bytes(small_picture()),
      png_file(2, 1, 8, PngColor::grey, {"ab"}, png_chunk("tEXt", "Raw profile type exif\0"s + exif)),
      png_file(1, 1, 8, PngColor::rgb, {"abc"}, png_chunk("cHRM", white + white + white + white)),
      png_file(2, 1, 8, PngColor::rgba, {"\x01\x02\x03\x04\xff\xfe\xfd\xfc"}, colors),
      png_file(2, 1, 16, PngColor::grey, {"\x01\x02\x03\x04"}, png_chunk("tRNS", "\x01\x02")),
      png_file(2, 1, 4, PngColor::palette, {"\x01"},
               png_chunk("PLTE", "\x01\x02\x03\x04\x05\x06") + png_chunk("tRNS", "\x07")),
      png_file(1, 1, 8, PngColor::rgb, {"abc"}, png_chunk("iCCP", "name\0\0"s + packed)),
      png_file(1, 1, 8, PngColor::rgb, {"abc"}, png_chunk("cICP", "\x0c\x0d\0\x01"s)),
      png_file(1, 1, 8, PngColor::grey_alpha, {"ab"},
               png_chunk("gAMA", "\0\x01\x86\xa0"s) + png_chunk("cHRM", white + white + white + white)),
  };
}

}  // namespace

std::vector<FileReader> picture_readers() {
  return {{"picture", read_picture, picture_seeds}, {"png", read_png, png_seeds}};
}

}  // namespace tha4::fuzz
