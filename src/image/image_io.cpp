#include "tha4/image/image_io.h"

#include <utility>

#include "decode.h"
#include "picture_color.h"
#include "picture_header.h"
#include "picture_pixels.h"
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/lower_case.h"
#include "tha4/image/compositing.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

constexpr std::size_t kMaxFile = std::size_t{512} << 20;

/// Turns the picture as EXIF's \p orientation says.
void turn_upright(cv::Mat& pixels, int orientation) {
  constexpr int kUpsideDown = 0;
  constexpr int kMirrored = 1;
  constexpr int kBoth = -1;
  if (orientation >= 5) cv::transpose(pixels, pixels);
  switch (orientation) {
    case 2:
    case 6:
      return cv::flip(pixels, pixels, kMirrored);
    case 3:
    case 7:
      return cv::flip(pixels, pixels, kBoth);
    case 4:
    case 8:
      return cv::flip(pixels, pixels, kUpsideDown);
    default:
      return;
  }
}

DecodedImage decode(std::string_view bytes, const std::string& name, const PictureReading& reading) {
  const Picture picture = inspect_picture(bytes, name);
  if (picture.width > reading.largest_side || picture.height > reading.largest_side) {
    throw InputError(name + " is " + std::to_string(picture.width) + "x" + std::to_string(picture.height) +
                     "; make it smaller: at most " + std::to_string(reading.largest_side) +
                     " pixels a side are read here");
  }
  auto [rgba, is_grey, has_alpha] = decode_pixels(picture, name);
  if (!reading.as_stored) {
    convert_to_srgb(rgba, is_grey, picture, name);
    turn_upright(rgba, picture.orientation);
  }
  DecodedImage decoded{RgbaImage(rgba.cols, rgba.rows), has_alpha};
  cv::Mat result(rgba.rows, rgba.cols, CV_8UC4, decoded.image.pixels.data());
  if (rgba.depth() == CV_16U) {
    rgba.convertTo(result, CV_8U, 1.0 / 257);
  } else {
    rgba.copyTo(result);
  }
  return decoded;
}

std::string encode(const RgbaImage& image, const std::string& extension, const std::vector<int>& parameters) {
  check_consistent(image);
  const cv::Mat rgba(image.height, image.width, CV_8UC4, const_cast<std::uint8_t*>(image.pixels.data()));
  cv::Mat bgra;
  cv::cvtColor(rgba, bgra, extension == ".jpg" ? cv::COLOR_RGBA2BGR : cv::COLOR_RGBA2BGRA);
  std::vector<std::uint8_t> bytes;
  try {
    if (cv::imencode(extension, bgra, bytes, parameters)) return {bytes.begin(), bytes.end()};
  } catch (const cv::Exception&) {
    // Reported below: OpenCV throws or returns false, depending on the codec.
  }
  throw Error("OpenCV cannot encode " + extension +
              " pictures; install its image codecs (Debian and Ubuntu: libopencv-dev)");
}

void check_side(const std::string& name, const RgbaImage& image, int largest_side) {
  if (image.width <= largest_side && image.height <= largest_side) return;
  throw InputError(name + ": the picture is " + std::to_string(image.width) + "x" +
                   std::to_string(image.height) + ", but this format holds at most " +
                   std::to_string(largest_side) + " pixels a side; write .png");
}

}  // namespace

DecodedImage read_decoded_image(const std::filesystem::path& file) {
  return decode(read_text_file(file, kMaxFile), file.string(), {});
}

RgbaImage read_image(const std::filesystem::path& file) {
  return read_decoded_image(file).image;
}

RgbaImage decode_image(std::string_view bytes, const std::string& name, const PictureReading& reading) {
  return decode(bytes, name, reading).image;
}

std::pair<int, int> picture_size(std::string_view bytes, const std::string& name) {
  const Picture picture = inspect_picture(bytes, name);
  return {picture.width, picture.height};
}

bool is_picture_name(const std::filesystem::path& file) {
  const std::string extension = lower_extension(file);
  return extension == ".png" || extension == ".webp" || extension == ".jpg" || extension == ".jpeg";
}

void write_image(const std::filesystem::path& file, const RgbaImage& image) {
  const std::string extension = lower_extension(file);
  if (extension == ".png") {
    write_text_file(file, png_bytes(image));
  } else if (extension == ".webp") {
    check_side(file.string(), image, kMaxWebpSide);
    write_text_file(file, webp_bytes(image));
  } else if (extension == ".jpg" || extension == ".jpeg") {
    check_side(file.string(), image, 65500);
    write_text_file(file, encode(lay_over(image, SrgbColor{}), ".jpg", {cv::IMWRITE_JPEG_QUALITY, 95}));
  } else {
    throw InputError(file.string() + ": pictures are written as .png, .webp or .jpg, not as '" + extension +
                     "'");
  }
}

std::string png_bytes(const RgbaImage& image) {
  return encode(image, ".png", {cv::IMWRITE_PNG_COMPRESSION, 6});
}

std::string webp_bytes(const RgbaImage& image) {
  check_side("a WebP picture", image, kMaxWebpSide);
  constexpr int kLossless = 101;  // OpenCV's way to say so: a quality above 100
  return encode(image, ".webp", {cv::IMWRITE_WEBP_QUALITY, kLossless});
}

}  // namespace tha4
