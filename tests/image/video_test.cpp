#include "tha4/image/video.h"

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>

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

void expect_color(const cv::Mat& frame, int x, int y, test::Pixel color) {
  const auto bgr = frame.at<cv::Vec3b>(y, x);
  for (int c = 0; c < 3; ++c) {
    EXPECT_NEAR(bgr[2 - c], color[static_cast<std::size_t>(c)], 8) << x << "," << y << " channel " << c;
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
  cv::Mat frame;
  int frames = 0;
  while (clip.read(frame)) {
    if (frames++ > 0) continue;
    expect_color(frame, 12, 24, {20, 160, 60, 255});
    expect_color(frame, 52, 24, {220, 40, 90, 255});
  }
  EXPECT_EQ(frames, 7);
}

TEST(VideoWriter, PadsOddSizes) {
  const fs::path file = fresh_clip("odd");
  VideoWriter video(file, 33, 17, 10);
  for (int i = 0; i < 3; ++i) video.add(RgbaImage(33, 17));
  video.finish();
  cv::VideoCapture clip(file.string());
  EXPECT_EQ(clip.get(cv::CAP_PROP_FRAME_WIDTH), 34);
  EXPECT_EQ(clip.get(cv::CAP_PROP_FRAME_HEIGHT), 18);
  cv::Mat frame;
  ASSERT_TRUE(clip.read(frame));
  expect_color(frame, 33, 17, {255, 255, 255, 255});
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

// OpenCV decides once per process which back ends it uses, hence a process of its own.
TEST(VideoWriterDeathTest, NamesTheRemedyWhenThereIsNoEncoder) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const fs::path file = fresh_clip("no_encoder");
  const auto write_without_ffmpeg = [&] {
    ::setenv("OPENCV_VIDEOIO_PRIORITY_FFMPEG", "0", 1);
    try {
      VideoWriter(file, 16, 16, 10);
    } catch (const InputError& error) {
      std::cerr << error.what();
      std::exit(fs::is_empty(file.parent_path()) ? 2 : 1);
    }
    std::exit(0);
  };
  EXPECT_EXIT(write_without_ffmpeg(), testing::ExitedWithCode(2), "^cannot write .*FFmpeg.*PNG frames");
}

}  // namespace
}  // namespace tha4
