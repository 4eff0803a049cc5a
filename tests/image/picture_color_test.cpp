#include <algorithm>
#include <cmath>
#include <vector>

#include "captured_log.h"
#include "test_picture.h"
#include <lcms2.h>
#include <spdlog/fmt/fmt.h>

#include "tha4/image/image_io.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

using namespace std::literals;
using test::Pixel;
using test::pixel_at;
using test::png_chunk;
using test::png_file;
using test::PngColor;

std::string packed(const std::string& content) {
  uLongf size = compressBound(content.size());
  std::string result(size, '\0');
  compress(reinterpret_cast<Bytef*>(result.data()), &size, reinterpret_cast<const Bytef*>(content.data()),
           content.size());
  result.resize(size);
  return result;
}

std::string bytes_of(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::string bytes(size, '\0');
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  return bytes;
}

/// A profile of the given primaries whose levels are \p gamma-th powers of light.
std::string rgb_profile(const cmsCIExyYTRIPLE& primaries, double gamma) {
  const cmsCIExyY white = {0.3127, 0.3290, 1};
  cmsToneCurve* const curve = cmsBuildGamma(nullptr, gamma);
  cmsToneCurve* const curves[] = {curve, curve, curve};
  const std::string bytes = bytes_of(cmsCreateRGBProfile(&white, &primaries, curves));
  cmsFreeToneCurve(curve);
  return bytes;
}

constexpr cmsCIExyYTRIPLE kDisplayP3 = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
constexpr cmsCIExyYTRIPLE kAdobe = {{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}};

const std::string kColor = "\xc8\x64\x32\x80";  // 200, 100, 50, half transparent

Pixel read_with(const std::string& chunks, const std::string& row = kColor, int bits = 8,
                PngColor color = PngColor::rgba) {
  return pixel_at(decode_image(png_file(1, 1, bits, color, {row}, chunks), "a.png"), 0, 0);
}

std::string profile_chunk(const std::string& profile) {
  return png_chunk("iCCP", "name\0\0"s + packed(profile));
}

void expect_near(const Pixel& found, const std::array<double, 3>& light, int alpha) {
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(found[c], 255 * srgb_of(light[c]), 1.6) << "channel " << c;
  EXPECT_EQ(found[3], alpha);
}

std::array<double, 3> light_of_p3(const std::array<double, 3>& p3) {
  return {std::clamp(1.2249401 * p3[0] - 0.2249404 * p3[1], 0.0, 1.0),
          std::clamp(-0.0420569 * p3[0] + 1.0420571 * p3[1], 0.0, 1.0),
          std::clamp(-0.0196376 * p3[0] - 0.0786361 * p3[1] + 1.0982735 * p3[2], 0.0, 1.0)};
}

TEST(PictureColor, DisplayP3IsConverted) {
  const auto srgb_light = [](int level) { return static_cast<double>(linear_of(level / 255.0)); };
  const auto power = [](int level) { return std::pow(level / 255.0, 2.2); };
  expect_near(read_with(png_chunk("cICP", "\x0c\x0d\x00\x01"s)),
              light_of_p3({srgb_light(200), srgb_light(100), srgb_light(50)}), 0x80);
  expect_near(read_with(profile_chunk(rgb_profile(kDisplayP3, 2.2))),
              light_of_p3({power(200), power(100), power(50)}), 0x80);
  // What PNG has in two ways counts in the better one.
  expect_near(read_with(profile_chunk(rgb_profile(kAdobe, 1)) + png_chunk("cICP", "\x0c\x0d\x00\x01"s)),
              light_of_p3({srgb_light(200), srgb_light(100), srgb_light(50)}), 0x80);
}

TEST(PictureColor, AdobeRgbIsConverted) {
  const Pixel found = read_with(profile_chunk(rgb_profile(kAdobe, 2.19921875)));
  EXPECT_GT(found[0], 210) << "a red that sRGB needs more of";
  EXPECT_NEAR(found[1], 100, 3);
}

TEST(PictureColor, GammaAloneCounts) {
  const std::string linear = png_chunk("gAMA", test::big_endian(100'000));
  // A fiftieth of white, in 16 bits.
  expect_near(read_with(linear, "\x05\x1e\x05\x1e\x05\x1e\xff\xff", 16), {0.02, 0.02, 0.02}, 255);
  EXPECT_NEAR(read_with(linear, "\x80", 8, PngColor::grey)[0], 188, 1);
  EXPECT_EQ(read_with(linear + png_chunk("sRGB", "\0"s)), (Pixel{200, 100, 50, 0x80}));
}

/// Files of a wide gamut may state primaries in place of a profile.
TEST(PictureColor, PrimariesCountWithAndWithoutAGamma) {
  std::string primaries;
  for (const std::uint32_t value : {31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000}) {
    primaries += test::big_endian(value);
  }
  const auto srgb_light = [](int level) { return static_cast<double>(linear_of(level / 255.0)); };
  const auto power = [](int level) { return std::pow(level / 255.0, 1.8); };
  const auto expected = light_of_p3({srgb_light(200), srgb_light(100), srgb_light(50)});
  expect_near(read_with(png_chunk("cHRM", primaries)), expected, 0x80);
  expect_near(read_with(png_chunk("gAMA", test::big_endian(45'455)) + png_chunk("cHRM", primaries)), expected,
              0x80);
  expect_near(read_with(png_chunk("cHRM", primaries) + png_chunk("gAMA", test::big_endian(55'556))),
              light_of_p3({power(200), power(100), power(50)}), 0x80);
  const CapturedLog log;
  EXPECT_EQ(read_with(png_chunk("cHRM", std::string(32, '\0'))), (Pixel{200, 100, 50, 0x80}));
  EXPECT_NE(log.text().find("primaries"), std::string::npos) << log.text();
}

TEST(PictureColor, AProfileStandsInForColoursThatAreNotConverted) {
  const CapturedLog log;
  const auto power = [](int level) { return std::pow(level / 255.0, 2.2); };
  expect_near(read_with(png_chunk("cICP", "\x09\x10\x00\x01"s) + profile_chunk(rgb_profile(kDisplayP3, 2.2))),
              light_of_p3({power(200), power(100), power(50)}), 0x80);
  EXPECT_EQ(log.text(), "");
}

TEST(PictureColor, WhatIsSrgbStaysAsItIs) {
  const Pixel same = {200, 100, 50, 0x80};
  const CapturedLog log;
  EXPECT_EQ(read_with(png_chunk("gAMA", test::big_endian(45'455))), same);
  EXPECT_EQ(read_with(png_chunk("cICP", "\x01\x0d\x00\x01"s)), same);
  EXPECT_EQ(read_with(profile_chunk(bytes_of(cmsCreate_sRGBProfile()))), same);
  std::string late = png_file(1, 1, 8, PngColor::rgba, {kColor});
  late.insert(late.find("IEND") - 4, png_chunk("gAMA", test::big_endian(100'000)));
  EXPECT_EQ(pixel_at(decode_image(late, "late.png"), 0, 0), same)
      << "after the pixels, where it does not count";
  EXPECT_EQ(log.text(), "");
  EXPECT_EQ(read_with(profile_chunk("no profile")), same);
  EXPECT_EQ(read_with(png_chunk("iCCP", "name\0\0no zlib"s)), same);
}

TEST(PictureColor, WhatCannotBeConvertedIsSaid) {
  const CapturedLog log;
  const Pixel same = {200, 100, 50, 0x80};
  EXPECT_EQ(read_with(png_chunk("cICP", "\x09\x10\x00\x01"s)), same);
  EXPECT_NE(log.text().find("a.png has colours of a kind (cICP 9, 16)"), std::string::npos) << log.text();
  cmsHPROFILE inks = cmsCreateInkLimitingDeviceLink(cmsSigCmykData, 300);
  EXPECT_EQ(read_with(profile_chunk(bytes_of(inks))), same);
  EXPECT_NE(log.text().find("not of RGB"), std::string::npos) << log.text();
}

TEST(PictureColor, ProfilesOfWebpAndJpegCount) {
  const std::string profile = rgb_profile(kDisplayP3, 2.2);
  RgbaImage image(16, 16);
  test::fill(image, 0, 0, 16, 16, {200, 100, 50, 255});
  const auto power = [](int level) { return std::pow(level / 255.0, 2.2); };
  const auto expected = light_of_p3({power(200), power(100), power(50)});
  // An extended WebP: flags for a profile, and the profile before the pixels.
  const auto little = [](std::size_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  };
  const std::string pixels = webp_bytes(image).substr(12);
  const std::string padding(profile.size() % 2, '\0');
  const std::string body = "WEBPVP8X"s + little(10, 4) + little(0x20, 4) + little(15, 3) + little(15, 3) +
                           "ICCP" + little(profile.size(), 4) + profile + padding + pixels;
  expect_near(pixel_at(decode_image("RIFF" + little(body.size(), 4) + body, "a.webp"), 8, 8), expected, 255);
  const auto file = test::temporary_file("profile.jpg");
  write_image(file, image);
  std::string jpeg = read_text_file(file);
  const std::string content = "ICC_PROFILE\0\1\1"s + profile;
  jpeg.insert(2, "\xff\xe2"s + static_cast<char>((content.size() + 2) >> 8) +
                     static_cast<char>((content.size() + 2) & 0xff) + content);
  const Pixel found = pixel_at(decode_image(jpeg, "a.jpg"), 8, 8);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(found[c], 255 * srgb_of(expected[c]), 4);
}

TEST(ReadImage, TurnsPngAndWebpUpright) {
  // Three pixels in a row, of which the first comes to the top right: EXIF's 6.
  const std::string exif = "MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"s;
  const std::string png =
      png_file(3, 1, 8, PngColor::rgb, {"\xff\0\0\0\xff\0\0\0\xff"s}, png_chunk("eXIf", exif));
  const RgbaImage image = decode_image(png, "phone.png");
  ASSERT_EQ(image.width, 1);
  ASSERT_EQ(image.height, 3);
  EXPECT_EQ(pixel_at(image, 0, 0), (Pixel{255, 0, 0, 255}));
  EXPECT_EQ(pixel_at(image, 0, 2), (Pixel{0, 0, 255, 255}));
  // Each of the eight ways, by where the top left pixel of a 3x2 picture goes.
  const std::array<std::array<int, 2>, 8> corners = {
      {{0, 0}, {2, 0}, {2, 1}, {0, 1}, {0, 0}, {1, 0}, {1, 2}, {0, 2}}};
  for (std::size_t i = 0; i < 8; ++i) {
    std::string way = exif;
    way[19] = static_cast<char>(i + 1);
    const std::string rows = "\xff\0\0\0\0\0\0\0\0"s;
    const RgbaImage turned = decode_image(
        png_file(3, 2, 8, PngColor::rgb, {rows, std::string(9, '\0')}, png_chunk("eXIf", way)), "turned.png");
    EXPECT_EQ(turned.width, i < 4 ? 3 : 2);
    EXPECT_EQ(pixel_at(turned, corners[i][0], corners[i][1])[0], 255) << "orientation " << i + 1;
  }
  // Some programs write the number as a long one, and some, before there was a chunk for EXIF, as digits.
  std::string long_number = exif;
  long_number.replace(12, 8, "\0\x04\0\0\0\x01\0\0"s).replace(20, 2, "\0\x06"s);
  std::string digits = "\nexif\n      " + std::to_string(exif.size() + 6) + "\n457869660000";
  for (const char c : exif) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  for (const std::string& chunk :
       {png_chunk("eXIf", long_number), png_chunk("tEXt", "Raw profile type exif\0"s + digits),
        png_chunk("zTXt", "Raw profile type exif\0\0"s + packed(digits))}) {
    EXPECT_EQ(decode_image(png_file(3, 1, 8, PngColor::rgb, {std::string(9, '\0')}, chunk), "old.png").height,
              3);
  }
  RgbaImage wide(3, 1);
  test::fill(wide, 0, 0, 1, 1, {255, 0, 0, 255});
  const auto little = [](std::size_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  };
  const std::string body = "WEBPVP8X"s + little(10, 4) + little(0x08, 4) + little(2, 3) + little(0, 3) +
                           webp_bytes(wide).substr(12) + "EXIF" + little(exif.size(), 4) + exif;
  EXPECT_EQ(decode_image("RIFF" + little(body.size(), 4) + body, "a.webp").height, 3);
  EXPECT_EQ(decode_image(png, "texture", {.as_stored = true}).width, 3);
}

TEST(ReadImage, AGreyThatIsTransparentIsSo) {
  const std::string key = png_chunk("tRNS", "\0\x07"s);
  const RgbaImage image = decode_image(png_file(2, 1, 8, PngColor::grey, {"\x07\x08"s}, key), "key.png");
  EXPECT_EQ(pixel_at(image, 0, 0)[3], 0);
  EXPECT_EQ(pixel_at(image, 1, 0), (Pixel{8, 8, 8, 255}));
  const RgbaImage bits =
      decode_image(png_file(2, 1, 1, PngColor::grey, {"\x40"s}, png_chunk("tRNS", "\0\x01"s)), "bits.png");
  EXPECT_EQ(pixel_at(bits, 0, 0)[3], 255);
  EXPECT_EQ(pixel_at(bits, 1, 0)[3], 0);
  const RgbaImage fine = decode_image(
      png_file(2, 1, 16, PngColor::grey, {"\x01\x02\x01\x03"s}, png_chunk("tRNS", "\x01\x02"s)), "16.png");
  EXPECT_EQ(pixel_at(fine, 0, 0)[3], 0);
  EXPECT_EQ(pixel_at(fine, 1, 0)[3], 255);
  for (const int bits_of_rgb : {8, 16}) {
    const std::string row = bits_of_rgb == 8 ? "\1\2\3\1\2\4"s : "\0\1\0\2\0\3\0\1\0\2\0\4"s;
    const RgbaImage rgb = decode_image(
        png_file(2, 1, bits_of_rgb, PngColor::rgb, {row}, png_chunk("tRNS", "\0\1\0\2\0\3"s)), "rgb.png");
    EXPECT_EQ(pixel_at(rgb, 0, 0)[3], 0) << bits_of_rgb;
    EXPECT_EQ(pixel_at(rgb, 1, 0)[3], 255) << bits_of_rgb;
  }
}

TEST(ReadImage, DamageIsToldInOneLineAndNoneOfALibrary) {
  const auto expect = [](const std::string& bytes, const std::string& message) {
    testing::internal::CaptureStderr();
    const std::string found = test::input_error_of([&] { decode_image(bytes, "a.png"); });
    EXPECT_NE(found.find(message), std::string::npos) << found;
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  };
  expect("", "a.png is empty");
  expect(png_file(16'000, 4'000, 8, PngColor::rgba, {"\1\2\3\4"}), "not all there");
  expect(png_file(2, 4, 8, PngColor::grey, {"\1\2", "\1\2"}), "not all there");
  std::string filtered = png_file(1, 1, 8, PngColor::grey, {});
  filtered.replace(filtered.find("IDAT") - 4, std::string::npos,
                   png_chunk("IDAT", packed("\x09\x01")) + png_chunk("IEND", ""));
  expect(filtered, "not all there");
  expect(png_file(1, 1, 8, PngColor::palette, {"\0"s}), "damaged");
  expect(png_file(1, 1, 3, PngColor::grey, {"\0"s}), "damaged");
  std::string summed = packed("\0\x01"s);
  summed.back() ^= 1;
  filtered.replace(filtered.find("IDAT") - 4, std::string::npos,
                   png_chunk("IDAT", summed) + png_chunk("IEND", ""));
  expect(filtered, "damaged");
  expect("<!DOCTYPE html><html></html>", "a.png is a web page");
  std::string apple = png_file(1, 1, 8, PngColor::grey, {"\0\1"s});
  apple.insert(8, png_chunk("CgBI", "\x50\0\x20\x02"s));
  expect(apple, "PNG of Apple's own kind");
  expect("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "pointer of Git LFS");
}

TEST(ReadImage, DamageOfAJpegThatCanBePassedOverIsAWarning) {
  RgbaImage picture(64, 64);
  test::fill(picture, 8, 8, 60, 40, {255, 0, 0, 255});
  write_image(test::temporary_file("whole.jpg"), picture);
  std::string bytes = read_text_file(test::temporary_file("whole.jpg"));
  bytes.replace(bytes.size() - 40, 38, 38, '\0');
  testing::internal::CaptureStderr();
  const CapturedLog log;
  EXPECT_EQ(decode_image(bytes, "a.jpg").width, 64);
  EXPECT_NE(log.text().find("a.jpg is damaged ("), std::string::npos) << log.text();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace tha4
