#include "tha4/image/video.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "clip_encoder.h"
#include "clip_reader.h"
#include "test_picture.h"
#include <gtest/gtest.h>
#include <opencv2/videoio.hpp>

namespace tha4 {
namespace {

namespace fs = std::filesystem;
using test::expect_contains;
using test::input_error_of;

fs::path fresh_clip(const std::string& name) {
  const fs::path folder = test::temporary_file("clip_" + name);
  fs::remove_all(folder);
  return folder / (name + ".mp4");
}

/// Left half transparent, right half of the given colour.
RgbaImage half_image(int width, int height, test::Pixel color) {
  RgbaImage image(width, height);
  test::fill(image, width / 2, 0, width, height, color);
  return image;
}

void expect_color(const RgbaImage& frame, int x, int y, test::Pixel color, int tolerance = 8) {
  const test::Pixel found = test::pixel_at(frame, x, y);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(found[c], color[c], tolerance) << x << "," << y << " channel " << c;
  }
}

TEST(VideoWriter, ClipHasItsFramesSizeRateAndColors) {
  const fs::path file = fresh_clip("frames");
  VideoWriter video(file, 64, 48, 24, SrgbColor{20, 160, 60});
  testing::internal::CaptureStderr();
  for (int i = 0; i < 7; ++i) video.add(half_image(64, 48, {220, 40, 90, 255}));
  EXPECT_FALSE(fs::exists(file));
  video.finish();
  video.finish();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THROW(video.add(RgbaImage(64, 48)), Error);
  EXPECT_EQ(std::distance(fs::directory_iterator(file.parent_path()), fs::directory_iterator{}), 1);

  cv::VideoCapture clip(file.string());
  ASSERT_TRUE(clip.isOpened());
  EXPECT_EQ(clip.get(cv::CAP_PROP_FRAME_WIDTH), 64);
  EXPECT_EQ(clip.get(cv::CAP_PROP_FRAME_HEIGHT), 48);
  EXPECT_NEAR(clip.get(cv::CAP_PROP_FPS), 24, 0.01);
  const test::ReadClip read = test::read_clip(file);
  EXPECT_EQ(read.frames.size(), 7U);
  expect_color(read.frames.at(0), 12, 24, {20, 160, 60, 255});
  expect_color(read.frames.at(0), 52, 24, {220, 40, 90, 255});
}

TEST(VideoWriter, PadsOddSizes) {
  const fs::path file = fresh_clip("odd");
  VideoWriter video(file, 33, 17, 10);
  for (int i = 0; i < 3; ++i) video.add(RgbaImage(33, 17));
  video.finish();
  cv::VideoCapture clip(file.string());
  EXPECT_EQ(clip.get(cv::CAP_PROP_FRAME_WIDTH), 34);
  EXPECT_EQ(clip.get(cv::CAP_PROP_FRAME_HEIGHT), 18);
  expect_color(test::read_clip(file).frames.at(0), 33, 17, {255, 255, 255, 255});
}

TEST(VideoWriter, UnfinishedClipLeavesNothing) {
  const fs::path file = fresh_clip("unfinished");
  {
    VideoWriter video(file, 16, 16, 10);
    video.add(RgbaImage(16, 16));
  }
  EXPECT_TRUE(fs::is_empty(file.parent_path()));
  VideoWriter empty(file, 16, 16, 10);
  EXPECT_THROW(empty.finish(), Error);
  EXPECT_FALSE(fs::exists(file));
}

TEST(VideoWriter, RefusesWrongUse) {
  const auto message = [](const char* name, int width, int height, double fps) {
    return input_error_of([&] { VideoWriter(test::temporary_file(name), width, height, fps); });
  };
  expect_contains(message("a.avi", 16, 16, 10), {"a.avi", ".mp4"});
  expect_contains(message("a.mp4", 0, 16, 10), {"a.mp4", "0x16"});
  expect_contains(message("a.mp4", 16, 9000, 10), {"16x9000", "8192"});
  expect_contains(message("a.mp4", 16, 16, 0), {"a.mp4", "frames a second"});
  expect_contains(message("a.mp4", 16, 16, std::numeric_limits<double>::quiet_NaN()), {"frames a second"});
  VideoWriter video(fresh_clip("sizes"), 16, 16, 10);
  EXPECT_THROW(video.add(RgbaImage(16, 18)), Error);
}

TEST(VideoWriter, SaysSoWhenTheFolderCannotBeWritten) {
  const fs::path file = test::file_of("plain_file", "x");
  EXPECT_THROW(VideoWriter(file / "clip.mp4", 16, 16, 10), Error);
}

TEST(VideoWriter, NamesTheRemedyWhenThereIsNoEncoder) {
  const fs::path file = fresh_clip("no_encoder");
  const std::array kNone = {"an encoder that FFmpeg does not have"};
  expect_contains(input_error_of([&] { ClipEncoder(file, file, 16, 16, 10, kNone); }),
                  {"cannot write", "FFmpeg", "PNG frames"});
  EXPECT_FALSE(fs::exists(file));
  EXPECT_FALSE(ClipEncoder::works(kNone));
  EXPECT_TRUE(can_write_clips());
}

TEST(VideoWriter, ColoursComeBackAndAreTaggedAsBt709) {
  for (const char* name : {"libx264", "mpeg4"}) {
    const std::array encoder = {name};
    for (const test::Pixel color : {test::Pixel{255, 255, 255, 255}, test::Pixel{0, 0, 0, 255},
                                    test::Pixel{200, 60, 60, 255}, test::Pixel{40, 160, 90, 255}}) {
      const fs::path file = test::temporary_file("clip_colors.mp4");
      const RgbaImage image = half_image(64, 64, color);
      ClipEncoder clip(file, file, 64, 64, 10, encoder);
      for (int i = 0; i < 3; ++i) clip.add(image.pixels.data());
      clip.finish();
      const test::ReadClip read = test::read_clip(file);
      ASSERT_EQ(read.frames.size(), 3U) << name;
      for (const RgbaImage& frame : read.frames) expect_color(frame, 50, 32, color, 2);
      EXPECT_EQ(read.space, AVCOL_SPC_BT709) << name;
      EXPECT_EQ(read.primaries, AVCOL_PRI_BT709) << name;
      EXPECT_EQ(read.transfer, AVCOL_TRC_BT709) << name;
      if (std::string(name) == "libx264") {
        EXPECT_EQ(read.range, AVCOL_RANGE_MPEG);
      }
    }
  }
}

}  // namespace
}  // namespace tha4
