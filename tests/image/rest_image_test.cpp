#include "tha4/image/rest_image.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "captured_log.h"
#include "test_files.h"
#include "test_picture.h"
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <spdlog/spdlog.h>
#include <torch/types.h>

#include "tha4/image/image_io.h"
#include "tha4/image/region.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using test::expect_contains;
using test::input_error_of;
using test::Pixel;
using test::pixel_at;

constexpr Pixel kSkin{250, 220, 200, 255};

fs::path written(const std::string& name, const RgbaImage& image) {
  write_image(test::temporary_file(name), image);
  return test::temporary_file(name);
}

/// A rectangle of skin in the middle, half as wide and high as the picture.
RgbaImage character(int width, int height) {
  RgbaImage image(width, height);
  test::fill(image, width / 4, height / 4, width * 3 / 4, height * 3 / 4, kSkin);
  return image;
}

std::string message_of(const fs::path& file, RestImageFit fit = RestImageFit::exact) {
  return input_error_of([&] { load_rest_image(file, fit); });
}

const std::vector<std::string> kExpected = {"512x512 RGBA", "transparent background", "facing forward",
                                            "128x128 box centred at (256,128)"};

TEST(RestImage, LoadsWhatIsRight) {
  const RgbaImage image = character(512, 512);
  EXPECT_EQ(load_rest_image(written("right.png", image)).pixels, image.pixels);
  EXPECT_EQ(load_rest_image(written("right.png", image), RestImageFit::scale).pixels, image.pixels);
}

TEST(RestImage, RefusesAnotherSize) {
  const std::string message = message_of(written("size.png", character(600, 800)));
  expect_contains(message, kExpected);
  expect_contains(message, {"size.png", "600x800"});
  try {
    load_rest_image(test::temporary_file("size.png"));
  } catch (const InputError& error) {
    EXPECT_EQ(error.remedy().kind, Remedy::scale_picture);
  }
}

TEST(RestImage, RefusesAPictureWithoutAlpha) {
  const fs::path file = test::temporary_file("no_alpha.png");
  cv::imwrite(file.string(), cv::Mat(512, 512, CV_8UC3, cv::Scalar(1, 2, 3)));
  for (const RestImageFit fit : {RestImageFit::exact, RestImageFit::scale}) {
    const std::string message = message_of(file, fit);
    expect_contains(message, kExpected);
    expect_contains(message, {"no_alpha.png", "no alpha channel", "Erase the background", "PNG"});
  }
}

TEST(RestImage, SaysTheSizeTooWhereBothAreWrong) {
  const fs::path file = test::temporary_file("both.jpg");
  cv::imwrite(file.string(), cv::Mat(20, 30, CV_8UC3, cv::Scalar(1, 2, 3)));
  expect_contains(message_of(file), {"no alpha channel", "30x20"});
}

TEST(RestImage, RefusesAnOpaquePicture) {
  RgbaImage image(512, 512);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{255});
  const std::string message = message_of(written("opaque.png", image));
  expect_contains(message, kExpected);
  expect_contains(message, {"opaque.png", "opaque all over", "Erase the background"});
}

TEST(RestImage, RefusesATransparentPicture) {
  const std::string message = message_of(written("nothing.png", RgbaImage(512, 512)));
  expect_contains(message, kExpected);
  expect_contains(message, {"nothing.png", "transparent all over"});
}

TEST(RestImage, RefusesDamagedFiles) {
  expect_contains(message_of(test::file_of("bad.png", "nonsense")), {"bad.png", "not a PNG"});
}

/// The box of pixels that are at least half opaque, as left, top, right, bottom.
std::array<int, 4> solid_box(const RgbaImage& image) {
  std::array<int, 4> box{image.width, image.height, 0, 0};
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (pixel_at(image, x, y)[3] < 128) continue;
      box = {std::min(box[0], x), std::min(box[1], y), std::max(box[2], x + 1), std::max(box[3], y + 1)};
    }
  }
  return box;
}

void expect_fitted(int width, int height, std::array<int, 4> box) {
  SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height));
  const RgbaImage image = load_rest_image(written("fit.png", character(width, height)), RestImageFit::scale);
  ASSERT_EQ(image.width, 512);
  ASSERT_EQ(image.height, 512);
  const std::array<int, 4> found = solid_box(image);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(found[i], box[i], 1) << i;
  // Every pixel with noticeable alpha has the one colour that there is: no dark or light fringe.
  for (int y = 0; y < 512; ++y) {
    for (int x = 0; x < 512; ++x) {
      const Pixel p = pixel_at(image, x, y);
      if (p[3] < 8) continue;
      for (std::size_t c = 0; c < 3; ++c) ASSERT_NEAR(p[c], kSkin[c], 2) << x << "," << y;
    }
  }
}

TEST(RestImageFit, KeepsProportionsCentresAndAddsNoFringe) {
  expect_fitted(1024, 1024, {128, 128, 384, 384});
  expect_fitted(900, 700, {128, 156, 384, 356});
  expect_fitted(333, 777, {201, 128, 311, 384});
  expect_fitted(100, 300, {213, 128, 299, 384});
}

TEST(RestImageFit, TakesExtremeShapes) {
  RgbaImage line(3000, 1);
  test::fill(line, 100, 0, 2000, 1, kSkin);
  const RgbaImage image = load_rest_image(written("line.png", line), RestImageFit::scale);
  EXPECT_EQ(pixel_at(image, 100, 255), kSkin);
}

// Face masks

RgbaImage grey_picture(int size, std::uint8_t level) {
  RgbaImage image(size, size);
  test::fill(image, 0, 0, size, size, {level, level, level, 255});
  return image;
}

TEST(FaceMask, TakesTheFaceCropOfAnOfficialMask) {
  RgbaImage picture = grey_picture(512, 0);
  test::fill(picture, 192, 80, 193, 81, {255, 0, 0, 255});
  test::fill(picture, 319, 207, 320, 208, {255, 255, 255, 255});
  test::fill(picture, 320, 208, 330, 230, {255, 255, 255, 255});
  const at::Tensor mask = load_face_mask(written("mask.png", picture));
  ASSERT_EQ(mask.sizes(), (std::vector<std::int64_t>{1, 128, 128}));
  EXPECT_EQ(mask[0][0][0].item<float>(), 1);
  EXPECT_EQ(mask[0][127][127].item<float>(), 1);
  EXPECT_EQ(mask.sum().item<float>(), 2);
}

TEST(FaceMask, TakesGreyAndTransparentPicturesOfTheCrop) {
  const fs::path file = test::temporary_file("grey_mask.png");
  cv::Mat grey(128, 128, CV_8UC1, cv::Scalar(0));
  grey.at<std::uint8_t>(3, 5) = 255;
  cv::imwrite(file.string(), grey);
  const at::Tensor mask = load_face_mask(file);
  EXPECT_EQ(mask[0][3][5].item<float>(), 1);
  EXPECT_EQ(mask.sum().item<float>(), 1);

  RgbaImage painted(128, 128);
  test::fill(painted, 7, 9, 8, 10, {255, 255, 255, 255});
  const at::Tensor transparent = load_face_mask(written("rgba_mask.png", painted));
  EXPECT_EQ(transparent[0][9][7].item<float>(), 1);
  EXPECT_EQ(transparent.sum().item<float>(), 1);
}

TEST(FaceMask, PictureReadsBackTheSame) {
  torch::manual_seed(3);
  const at::Tensor mask = torch::rand({1, 128, 128});
  const RgbaImage picture = face_mask_picture(mask);
  EXPECT_EQ(picture.width, kImageSize);
  const at::Tensor read = load_face_mask(written("saved_mask.png", picture));
  EXPECT_LT((read - mask).abs().max().item<double>(), 0.005);
  EXPECT_THROW(face_mask_picture(torch::zeros({1, 64, 64})), Error);
}

TEST(FaceMask, RefusesOtherSizesAndBlackMasks) {
  const auto message = [](const RgbaImage& picture) {
    return input_error_of([&] { load_face_mask(written("bad_mask.png", picture)); });
  };
  expect_contains(message(grey_picture(256, 255)), {"bad_mask.png", "256x256", "512x512", "128x128"});
  expect_contains(message(grey_picture(128, 0)), {"bad_mask.png", "black", "white"});
  RgbaImage outside = grey_picture(512, 0);
  test::fill(outside, 0, 300, 512, 512, {255, 255, 255, 255});
  expect_contains(message(outside), {"black all over the face crop"});
}

TEST(FaceMask, SaysWhatLooksWrong) {
  const auto said_of = [](const RgbaImage& picture) {
    const CapturedLog log;
    load_face_mask(written("odd_mask.png", picture));
    return log.text();
  };
  RgbaImage good = grey_picture(128, 0);
  test::fill(good, 30, 30, 98, 110, {255, 255, 255, 255});
  EXPECT_EQ(said_of(good), "");
  RgbaImage inverted = grey_picture(128, 255);
  test::fill(inverted, 30, 30, 98, 110, {0, 0, 0, 255});
  expect_contains(said_of(inverted), {"odd_mask.png", "looks inverted", "white is what moves"});
  expect_contains(said_of(grey_picture(128, 255)), {"odd_mask.png", "white all over"});
  RgbaImage dark = grey_picture(128, 0);
  test::fill(dark, 30, 30, 98, 110, {100, 100, 100, 255});
  expect_contains(said_of(dark), {"odd_mask.png", "100 of 255"});
  RgbaImage dot = grey_picture(128, 0);
  test::fill(dot, 60, 60, 68, 68, {255, 255, 255, 255});
  expect_contains(said_of(dot), {"odd_mask.png", "hardly anything is white", "paint white what moves"});
  RgbaImage flat = grey_picture(128, 180);
  test::fill(flat, 20, 20, 100, 100, {200, 200, 200, 255});
  expect_contains(said_of(flat), {"odd_mask.png", "nothing is black", "paint black what does not move"});
  RgbaImage colors = grey_picture(128, 0);
  test::fill(colors, 30, 30, 60, 90, {240, 180, 150, 255});
  test::fill(colors, 60, 30, 90, 90, {90, 60, 200, 255});
  expect_contains(said_of(colors), {"odd_mask.png", "a picture in colours", "is it a mask?"});
  RgbaImage red = grey_picture(128, 0);
  test::fill(red, 40, 40, 90, 90, {255, 0, 0, 255});
  EXPECT_EQ(said_of(red), "");
  RgbaImage green = grey_picture(128, 0);
  test::fill(green, 40, 40, 90, 90, {0, 255, 0, 255});
  expect_contains(input_error_of([&] { load_face_mask(written("green.png", green)); }),
                  {"green.png", "without any red", "paint white"});
  RgbaImage ones = grey_picture(128, 0);
  test::fill(ones, 30, 30, 98, 110, {1, 1, 1, 255});
  expect_contains(input_error_of([&] { load_face_mask(written("ones.png", ones)); }),
                  {"ones.png", "is 1 of 255", "paint white (255)"});
}

TEST(ReferenceCharacter, LoadsWithItsMask) {
  const fs::path folder = reference_file("lambda_00");
  if (!fs::exists(folder)) GTEST_SKIP() << "lambda_00 is not there; name its folder with THA4_REFERENCE_DIR";
  EXPECT_EQ(load_rest_image(folder / "character.png").width, kImageSize);
  const at::Tensor mask = load_face_mask(folder / "lambda_00_face_mask.png");
  EXPECT_EQ(mask.max().item<float>(), 1);
  EXPECT_TRUE(torch::equal(mask, mask.round()));
}

}  // namespace
}  // namespace tha4
