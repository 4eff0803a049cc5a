#include "tha4/image/rest_image.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "decode.h"
#include <opencv2/imgproc.hpp>
#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/image/region.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

constexpr const char* kExpectedRestImage =
    "expected is 512x512 RGBA: the character facing forward on a transparent background, its head roughly "
    "inside the 128x128 box centred at (256,128)";

std::string size_text(const RgbaImage& image) {
  return std::to_string(image.width) + "x" + std::to_string(image.height);
}

bool has_right_size(const RgbaImage& image) {
  return image.width == kImageSize && image.height == kImageSize;
}

/// Least and greatest alpha.
std::pair<int, int> alpha_range(const RgbaImage& image) {
  int min = 255;
  int greatest = 0;
  for (std::size_t i = 3; i < image.pixels.size(); i += 4) {
    min = std::min<int>(min, image.pixels[i]);
    greatest = std::max<int>(greatest, image.pixels[i]);
  }
  return {min, greatest};
}

/// Throws if the background cannot be told from the character.
void check_alpha(const DecodedImage& picture, const std::string& file) {
  const auto [min, greatest] = alpha_range(picture.image);
  if (greatest == 0) {
    throw InputError(file + " is transparent all over; " + kExpectedRestImage +
                     ". Export the picture with the character's layer visible.");
  }
  if (picture.has_alpha && min < 255) return;
  const std::string problem = picture.has_alpha ? " is opaque all over" : " has no alpha channel";
  const std::string size = has_right_size(picture.image) ? "" : " (and is " + size_text(picture.image) + ")";
  throw InputError(file + problem + size + "; " + kExpectedRestImage +
                   ". Erase the background in a paint program, or with a tool such as rembg, and save as PNG "
                   "with transparency.");
}

at::Tensor scale_plane(const at::Tensor& plane, int width, int height) {
  const at::Tensor source = plane.contiguous();
  const int source_width = static_cast<int>(source.size(1));
  const int source_height = static_cast<int>(source.size(0));
  at::Tensor result = torch::empty({height, width}, torch::kFloat32);
  const cv::Mat from(source_height, source_width, CV_32FC1, source.data_ptr<float>());
  cv::Mat to(height, width, CV_32FC1, result.data_ptr<float>());
  cv::resize(from, to, to.size(), 0, 0, width < source_width ? cv::INTER_AREA : cv::INTER_CUBIC);
  return result;
}

/// The image tensor \p image scaled, plane by plane for the sake of memory.
at::Tensor scale_image(const at::Tensor& image, int width, int height) {
  std::vector<at::Tensor> planes;
  for (int c = 0; c < 4; ++c) planes.push_back(scale_plane(image[c], width, height));
  const at::Tensor values = torch::stack(planes) * 0.5 + 0.5;
  const at::Tensor alpha = values.narrow(0, 3, 1);
  // Cubic weights overshoot at edges: alpha is cut off there, and the colour goes along with it.
  const at::Tensor colors = values.narrow(0, 0, 3) / alpha.clamp_min(1);
  const at::Tensor fraction = alpha.clamp(0, 1);
  return torch::cat({torch::minimum(colors, fraction).clamp_min(0), fraction}) * 2 - 1;
}

/// The part of a side that [0, kImageSize) shows, from its first pixel to behind its last.
std::pair<int, int> shown_part(int side, double scale, double offset) {
  const auto pixel = [&](double place) { return std::clamp((place - offset) / scale, 0.0, 1.0 * side); };
  return {static_cast<int>(std::floor(pixel(0))), static_cast<int>(std::ceil(pixel(kImageSize)))};
}

/// \p image laid on \p frame from (x, y) on; what lies beyond is cut off.
void lay_on(const at::Tensor& frame, const at::Tensor& image, int x, int y) {
  const int left = std::max(0, -x), top = std::max(0, -y);
  const int right = std::min(static_cast<int>(image.size(2)), kImageSize - x);
  const int bottom = std::min(static_cast<int>(image.size(1)), kImageSize - y);
  if (right <= left || bottom <= top) return;
  crop(frame, {x + left, y + top, right - left, bottom - top})
      .copy_(crop(image, {left, top, right - left, bottom - top}));
}

}  // namespace

PicturePlace centred_place(const RgbaImage& picture) {
  const double scale = static_cast<double>(kImageSize) / std::max(picture.width, picture.height);
  const auto margin = [&](int side) { return (kImageSize - std::max(1.0, std::round(side * scale))) / 2; };
  return {scale, margin(picture.width), margin(picture.height)};
}

RgbaImage placed(const RgbaImage& picture, const PicturePlace& place) {
  at::Tensor frame = torch::full({4, kImageSize, kImageSize}, -1.0F);
  const auto [left, right] = shown_part(picture.width, place.scale, place.x);
  const auto [top, bottom] = shown_part(picture.height, place.scale, place.y);
  if (right <= left || bottom <= top) return to_rgba_image(frame);
  const at::Tensor shown = crop(to_image_tensor(picture), {left, top, right - left, bottom - top});
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(side * place.scale)));
  };
  lay_on(frame, scale_image(shown, scaled(right - left), scaled(bottom - top)),
         static_cast<int>(std::floor(place.x + left * place.scale)),
         static_cast<int>(std::floor(place.y + top * place.scale)));
  return to_rgba_image(frame);
}

RgbaImage load_picture(const std::filesystem::path& file) {
  DecodedImage picture = read_decoded_image(file);
  check_alpha(picture, file.string());
  return std::move(picture.image);
}

RgbaImage load_rest_image(const std::filesystem::path& file, RestImageFit fit) {
  DecodedImage picture = read_decoded_image(file);
  check_alpha(picture, file.string());
  if (has_right_size(picture.image)) return std::move(picture.image);
  if (fit == RestImageFit::scale) return placed(picture.image, centred_place(picture.image));
  throw InputError(file.string() + " is " + size_text(picture.image) + "; " + kExpectedRestImage,
                   Remedy::scale_picture);
}

namespace {

/// Says what may be wrong with a mask; throws where it is of no use.
void check_face_mask(const at::Tensor& mask, const std::string& file) {
  constexpr float kHardlyAnything = 0.01F;  // a level of 25 of 255
  constexpr float kDark = 0.5F;             // of 188
  constexpr double kLight = 0.5;
  const auto greatest = mask.max().item<float>();
  if (greatest <= 0) {
    throw InputError(file +
                     " is a face mask that is black all over the face crop (the 128x128 pixels around "
                     "(256,144)); paint white what moves there: eyes, eyebrows, mouth");
  }
  const auto level = std::lround(255 * srgb_of(greatest));
  if (greatest < kHardlyAnything) {
    throw InputError(file + " is a face mask whose brightest level in the face crop is " +
                     std::to_string(level) +
                     " of 255, which counts as next to nothing; paint white (255) what "
                     "moves there: eyes, eyebrows, mouth");
  }
  if (greatest < kDark) {
    spdlog::warn(
        "{}: the brightest level of this face mask is {} of 255, and counts as {:.2f}; white (255) counts in "
        "full",
        file, level, greatest);
  }
  // The middle holds eyes and mouth, the corners hair and background.
  const double middle = crop(mask, {24, 40, 80, 72}).mean().item<double>();
  const at::Tensor corners = torch::stack({crop(mask, {0, 0, 16, 16}), crop(mask, {112, 0, 16, 16}),
                                           crop(mask, {0, 112, 16, 16}), crop(mask, {112, 112, 16, 16})});
  const double edge = corners.mean().item<double>();
  constexpr double kFewPixels = 0.005;  // of the crop: 82
  constexpr float kFlat = 0.5F;
  if (mask.gt(0.1 * greatest).to(torch::kFloat).mean().item<double>() < kFewPixels) {
    spdlog::warn(
        "{}: hardly anything is white in this face mask, in the 128x128 pixels around (256,144) that count; "
        "paint white what moves there: eyes, eyebrows, mouth",
        file);
  } else if (mask.mean().item<double>() > 0.95 * greatest) {
    spdlog::warn(
        "{}: this face mask is white all over, so that nothing counts more than the rest; paint black "
        "what does not move, or name no mask",
        file);
  } else if (mask.min().item<float>() > kFlat * greatest) {
    spdlog::warn(
        "{}: nothing is black in this face mask: what is darkest counts {:.2f} and what is lightest {:.2f}, "
        "nearly as much; paint black what does not move",
        file, mask.min().item<float>(), greatest);
  } else if (edge > kLight * greatest && edge > middle) {
    spdlog::warn(
        "{}: this face mask looks inverted: it is light at the corners of the face crop and darker in "
        "the middle; white is what moves: eyes, eyebrows, mouth",
        file);
  }
}

/// Says what is wrong with the colours of a mask, which has one at most.
/// \param colors  its channels in the crop
void check_colors_of_mask(const at::Tensor& colors, const std::string& file) {
  constexpr float kDifferent = 0.1F;
  constexpr double kMany = 0.02;
  const auto red = colors[0].max().item<float>();
  if (red <= 0 && colors.max().item<float>() > 0) {
    throw InputError(
        file +
        " is a face mask without any red in the face crop (the 128x128 pixels around (256,144)), "
        "and it is red that counts; paint white what moves there: eyes, eyebrows, mouth");
  }
  const at::Tensor spread = std::get<0>(colors.max(0)) - std::get<0>(colors.min(0));
  if (spread.gt(kDifferent).to(torch::kFloat).mean().item<double>() < kMany || red <= 0) return;
  const at::Tensor others = colors.narrow(0, 1, 2);
  if (others.max().item<float>() <= 0) return;  // painted in red
  spdlog::warn(
      "{}: this face mask is a picture in colours, of which only the red counts; is it a mask? paint white "
      "what "
      "moves, eyes, eyebrows, mouth, and black what does not",
      file);
}

}  // namespace

at::Tensor load_face_mask(const std::filesystem::path& file) {
  const RgbaImage picture = read_decoded_image(file).image;
  const bool is_crop = picture.width == kFaceCrop.width && picture.height == kFaceCrop.height;
  if (!is_crop && !has_right_size(picture)) {
    throw InputError(file.string() + " is " + size_text(picture) +
                     "; a face mask is 512x512 like the rest image, or 128x128 for the face crop alone (the "
                     "pixels around (256,144)): white where the face moves, else black");
  }
  const at::Tensor colors = (to_image_tensor(picture).narrow(0, 0, 3) * 0.5 + 0.5).clamp(0, 1);
  const at::Tensor red = colors.narrow(0, 0, 1);
  check_colors_of_mask(is_crop ? colors : crop(colors, kFaceCrop), file.string());
  at::Tensor mask = is_crop ? red : crop(red, kFaceCrop).clone();
  check_face_mask(mask, file.string());
  return mask;
}

RgbaImage face_mask_picture(const at::Tensor& mask) {
  if (mask.dim() != 3 || mask.size(0) != 1 || mask.size(1) != kFaceCrop.height ||
      mask.size(2) != kFaceCrop.width) {
    throw Error("a face mask must have the shape [1, 128, 128]");
  }
  at::Tensor picture = torch::zeros({kImageSize, kImageSize});
  crop(picture, kFaceCrop).copy_(linear_to_srgb(mask[0].to(torch::kCPU, torch::kFloat32)));
  return grey_image(picture);
}

}  // namespace tha4
