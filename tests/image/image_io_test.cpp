#include "tha4/image/image_io.h"

#include <random>

#include "test_picture.h"
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <spdlog/spdlog.h>

#include "tha4/base/atomic_file.h"
#include "tha4/image/color.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using test::expect_contains;
using test::file_of;
using test::input_error_of;
using test::Pixel;
using test::pixel_at;
using test::png_file;
using test::PngColor;

/// Smooth colours with all kinds of alpha; no colour where there is no alpha.
RgbaImage colorful_image(int width, int height) {
  RgbaImage image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int alpha = x * 255 / (width - 1);
      if (alpha == 0) continue;
      test::fill(image, x, y, x + 1, y + 1,
                 {static_cast<std::uint8_t>(y * 255 / (height - 1)), static_cast<std::uint8_t>(255 - alpha),
                  40, static_cast<std::uint8_t>(alpha)});
    }
  }
  return image;
}

std::string encoded_by_opencv(const std::string& extension, const cv::Mat& pixels) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(extension, pixels, bytes);
  return {bytes.begin(), bytes.end()};
}

TEST(WriteImage, LosslessFormatsReadBackTheSame) {
  const RgbaImage image = colorful_image(61, 33);
  for (const char* name : {"same.png", "same.webp", "SAME.PNG"}) {
    const fs::path file = test::temporary_file(name);
    write_image(file, image);
    const RgbaImage read = read_image(file);
    EXPECT_EQ(read.width, 61);
    EXPECT_EQ(read.height, 33);
    EXPECT_EQ(read.pixels, image.pixels) << name;
  }
}

TEST(WriteImage, JpegLiesOverWhite) {
  RgbaImage image(32, 32);
  test::fill(image, 0, 0, 16, 32, {200, 30, 60, 255});
  write_image(test::temporary_file("white.jpg"), image);
  const RgbaImage read = read_image(test::temporary_file("white.jpg"));
  EXPECT_EQ(pixel_at(read, 28, 16), (Pixel{255, 255, 255, 255}));
  const Pixel red = pixel_at(read, 4, 16);
  EXPECT_NEAR(red[0], 200, 6);
  EXPECT_NEAR(red[1], 30, 6);
  EXPECT_NEAR(red[2], 60, 6);
}

TEST(WriteImage, RefusesOtherExtensionsAndSizes) {
  const auto message = [](const char* name, const RgbaImage& image) {
    return input_error_of([&] { write_image(test::temporary_file(name), image); });
  };
  expect_contains(message("a.gif", RgbaImage(2, 2)), {"a.gif", ".png"});
  expect_contains(message("a", RgbaImage(2, 2)), {".png"});
  expect_contains(message("a.webp", RgbaImage(16384, 1)), {"a.webp", "16384x1", "16383", ".png"});
  EXPECT_THROW(write_image(test::temporary_file("empty.png"), RgbaImage()), Error);
  EXPECT_FALSE(fs::exists(test::temporary_file("empty.png")));
}

TEST(PngBytes, AreAPngFile) {
  const RgbaImage image = colorful_image(20, 10);
  EXPECT_EQ(decode_image(png_bytes(image), "memory").pixels, image.pixels);
}

TEST(ReadImage, ConvertsGrey) {
  const std::string bytes = png_file(2, 1, 8, PngColor::grey, {"\x40\xff"});
  const RgbaImage image = decode_image(bytes, "grey");
  EXPECT_EQ(pixel_at(image, 0, 0), (Pixel{0x40, 0x40, 0x40, 255}));
  EXPECT_EQ(pixel_at(image, 1, 0), (Pixel{255, 255, 255, 255}));
}

TEST(ReadImage, ConvertsGreyOfOneBit) {
  const RgbaImage image = decode_image(png_file(3, 1, 1, PngColor::grey, {"\xa0"}), "bits");
  EXPECT_EQ(pixel_at(image, 0, 0), (Pixel{255, 255, 255, 255}));
  EXPECT_EQ(pixel_at(image, 1, 0), (Pixel{0, 0, 0, 255}));
  EXPECT_EQ(pixel_at(image, 2, 0), (Pixel{255, 255, 255, 255}));
}

TEST(ReadImage, ConvertsGreyWithAlpha) {
  const std::string bytes = png_file(2, 1, 8, PngColor::grey_alpha, {"\x40\x80\xff\x10"});
  const RgbaImage image = decode_image(bytes, "grey_alpha");
  EXPECT_EQ(pixel_at(image, 0, 0), (Pixel{0x40, 0x40, 0x40, 0x80}));
  EXPECT_EQ(pixel_at(image, 1, 0), (Pixel{255, 255, 255, 0x10}));
}

TEST(ReadImage, ConvertsRgb) {
  const RgbaImage image = decode_image(png_file(1, 1, 8, PngColor::rgb, {"\x01\x02\x03"}), "rgb");
  EXPECT_EQ(pixel_at(image, 0, 0), (Pixel{1, 2, 3, 255}));
}

TEST(ReadImage, ConvertsPalette) {
  const std::string palette = test::png_chunk("PLTE", "\x01\x02\x03\xf0\xe0\xd0");
  const std::string row(1, '\x40');
  const RgbaImage opaque = decode_image(png_file(2, 1, 1, PngColor::palette, {row}, palette), "palette");
  EXPECT_EQ(pixel_at(opaque, 0, 0), (Pixel{1, 2, 3, 255}));
  EXPECT_EQ(pixel_at(opaque, 1, 0), (Pixel{0xf0, 0xe0, 0xd0, 255}));
  const std::string with_alpha = palette + test::png_chunk("tRNS", "\x80");
  const RgbaImage image = decode_image(png_file(2, 1, 1, PngColor::palette, {row}, with_alpha), "palette");
  EXPECT_EQ(pixel_at(image, 0, 0), (Pixel{1, 2, 3, 0x80}));
  EXPECT_EQ(pixel_at(image, 1, 0), (Pixel{0xf0, 0xe0, 0xd0, 255}));
}

TEST(ReadImage, Rounds16Bits) {
  using namespace std::literals;
  const auto first_pixel = [](PngColor color, const std::string& row) {
    return pixel_at(decode_image(png_file(1, 1, 16, color, {row}), "16 bits"), 0, 0);
  };
  // 257 steps of 16 bits are one of 8: 0x80ff is nearer to 0x8181 than to 0x8080.
  EXPECT_EQ(first_pixel(PngColor::rgba, "\xff\xff\x80\x80\x80\xff\x40\x41"s), (Pixel{255, 0x80, 0x80, 0x40}));
  EXPECT_EQ(first_pixel(PngColor::rgba, "\x81\x02\x80\x01\x00\x90\xff\xff"s), (Pixel{0x81, 0x80, 1, 255}));
  EXPECT_EQ(first_pixel(PngColor::rgb, "\xff\xff\x80\x80\x00\x00"s), (Pixel{255, 0x80, 0, 255}));
  EXPECT_EQ(first_pixel(PngColor::grey, "\x80\x80"s), (Pixel{0x80, 0x80, 0x80, 255}));
  EXPECT_EQ(first_pixel(PngColor::grey_alpha, "\x80\x80\x20\x20"s), (Pixel{0x80, 0x80, 0x80, 0x20}));
}

TEST(ReadImage, ReadsLossyAndOpaqueWebpAndGreyJpeg) {
  const cv::Mat color(16, 16, CV_8UC3, cv::Scalar(60, 120, 200));
  const cv::Mat grey(16, 16, CV_8UC1, cv::Scalar(99));
  const RgbaImage webp = decode_image(encoded_by_opencv(".webp", color), "webp");
  EXPECT_NEAR(pixel_at(webp, 8, 8)[0], 200, 8);
  EXPECT_NEAR(pixel_at(webp, 8, 8)[2], 60, 8);
  EXPECT_EQ(pixel_at(webp, 8, 8)[3], 255);
  const RgbaImage jpeg = decode_image(encoded_by_opencv(".jpg", grey), "jpeg");
  EXPECT_NEAR(pixel_at(jpeg, 8, 8)[1], 99, 2);
}

TEST(ReadImage, TurnsJpegUpright) {
  using namespace std::literals;
  // An Exif header whose only entry says: turn by 90 degrees clockwise.
  const std::string exif =
      "\xff\xe1\0\x22"
      "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"s;
  cv::Mat wide(16, 48, CV_8UC3, cv::Scalar(0, 0, 0));
  wide.colRange(0, 16).setTo(cv::Scalar::all(255));
  std::string bytes = encoded_by_opencv(".jpg", wide);
  bytes.insert(2, exif);
  const RgbaImage image = decode_image(bytes, "phone.jpg");
  ASSERT_EQ(image.width, 16);
  ASSERT_EQ(image.height, 48);
  EXPECT_GT(pixel_at(image, 8, 4)[0], 250);
  EXPECT_LT(pixel_at(image, 8, 40)[0], 5);
}

TEST(ReadImage, IgnoresProfilesAndTexts) {
  const std::string extra = test::png_chunk("iCCP", "bad profile") + test::png_chunk("tEXt", "no separator");
  testing::internal::CaptureStderr();
  const RgbaImage image = decode_image(png_file(1, 1, 8, PngColor::grey, {"\x40"}, extra), "profile");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(pixel_at(image, 0, 0)[0], 0x40);
}

TEST(ReadImage, RefusesWhatIsMissing) {
  expect_contains(input_error_of([] { read_image(test::temporary_file("none.png")); }), {"none.png"});
  expect_contains(input_error_of([] { read_image(testing::TempDir()); }), {testing::TempDir()});
}

TEST(ReadImage, RefusesOtherFormats) {
  for (const std::string bytes : {"", "GIF89a", "RIFF", "RIFF1234WAVE", "plain text", "\x89PNG"}) {
    const fs::path file = file_of("other.png", bytes);
    expect_contains(input_error_of([&] { read_image(file); }), {"other.png", "not a PNG, WebP or JPEG"});
  }
}

TEST(ReadImage, RefusesHugeSizesByTheHeader) {
  using namespace std::literals;
  const auto message = [](const std::string& bytes) {
    return input_error_of([&] { read_image(file_of("huge.png", bytes)); });
  };
  expect_contains(message(png_file(100000, 100000, 8, PngColor::rgba, {"x"})),
                  {"huge.png", "100000x100000", "16384", "64"});
  expect_contains(message(png_file(0xffffffff, 1, 8, PngColor::rgba, {"x"})), {"4294967295x1"});
  expect_contains(message(png_file(16384, 4097, 8, PngColor::rgba, {"x"})), {"16384x4097"});
  expect_contains(message(png_file(0, 5, 8, PngColor::rgba, {"x"})), {"huge.png", "no pixels"});
  const std::string canvas = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\xff\xff\xff\xff\xff"s;
  expect_contains(message(canvas), {"16777216x16777216"});
  const std::string frame = "\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00"s;
  expect_contains(message(frame), {"65535x65535"});
}

TEST(ReadImage, RefusesAnimations) {
  using namespace std::literals;
  const std::string canvas = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x07\0\0\x07\0\0"s;
  expect_contains(input_error_of([&] { decode_image(canvas, "a.webp"); }), {"a.webp", "animated"});
}

/// A file of each format, small enough to try every length of it.
std::vector<std::string> small_files() {
  const RgbaImage image = colorful_image(9, 7);
  const cv::Mat color(9, 7, CV_8UC3, cv::Scalar(60, 120, 200));
  write_image(test::temporary_file("small.webp"), image);
  return {png_bytes(image), read_text_file(test::temporary_file("small.webp")),
          encoded_by_opencv(".webp", color), encoded_by_opencv(".jpg", color)};
}

TEST(ReadImage, RefusesEveryFileThatIsCutOff) {
  for (const std::string& whole : small_files()) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_THROW(decode_image(whole.substr(0, size), "cut"), InputError) << size << " of " << whole.size();
    }
  }
}

TEST(ReadImage, SurvivesGarbage) {
  std::mt19937 random(7);
  testing::internal::CaptureStderr();
  const auto level = spdlog::get_level();
  spdlog::set_level(spdlog::level::off);  // of what can be passed over
  for (const std::string& whole : small_files()) {
    for (int i = 0; i < 400; ++i) {
      std::string damaged = whole;
      for (int n = 0; n < 4; ++n) damaged[8 + random() % (damaged.size() - 8)] = static_cast<char>(random());
      try {
        const RgbaImage image = decode_image(damaged, "garbage");
        EXPECT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width) * image.height * 4);
      } catch (const InputError&) {
        // Most damage is found; what is not yields some picture.
      }
    }
  }
  spdlog::set_level(level);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "of a library that has its say";
}

TEST(ReadImage, FindsEveryWrongByteOfAPngPicture) {
  const std::string whole = png_bytes(colorful_image(9, 7));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_THROW(decode_image(damaged, "damaged"), InputError) << i;
  }
}

}  // namespace
}  // namespace tha4
