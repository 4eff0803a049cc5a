#include "tha4/image/video.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <unistd.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Keeps OpenCV and FFmpeg from writing to the standard error stream; failures are found by other means.
class QuietOpenCv {
 public:
  QuietOpenCv() : level_(cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT)) {
    constexpr const char* kAvLogQuiet = "-8";
    ::setenv("OPENCV_FFMPEG_LOGLEVEL", kAvLogQuiet, /*overwrite=*/0);
  }
  ~QuietOpenCv() { cv::utils::logging::setLogLevel(level_); }
  QuietOpenCv(const QuietOpenCv&) = delete;
  QuietOpenCv& operator=(const QuietOpenCv&) = delete;

 private:
  cv::utils::logging::LogLevel level_;
};

void check_video(const fs::path& file, int width, int height, double fps) {
  if (file.extension() != ".mp4") throw InputError(file.string() + ": clips are written as .mp4");
  constexpr int kMaxSide = 8192;
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) {
    throw InputError(file.string() + ": frames of " + std::to_string(width) + "x" + std::to_string(height) +
                     " cannot be written as a clip; at most " + std::to_string(kMaxSide) +
                     " pixels a side are");
  }
  if (!(fps > 0 && fps <= 1000)) {
    throw InputError(file.string() + ": a clip needs a rate above 0 and at most 1000 frames a second");
  }
}

/// A name in the same folder for the unfinished clip, with the extension that the encoder goes by.
fs::path unfinished_name(const fs::path& file) {
  std::string name = ".";
  name += file.stem().string();
  name += ".part-" + std::to_string(::getpid()) + ".mp4";
  return file.parent_path() / name;
}

void check_writable(const fs::path& file, const fs::path& unfinished) {
  std::error_code failure;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failure);
  if (failure || !std::ofstream(unfinished)) {
    throw Error("cannot write " + file.string() + ": is the folder read-only?");
  }
}

}  // namespace

class VideoWriter::Encoder {
 public:
  Encoder(fs::path file, int width, int height, double fps, SrgbColor background)
      : file_(std::move(file)),
        unfinished_(unfinished_name(file_)),
        size_(width, height),
        background_(background) {
    check_writable(file_, unfinished_);
    const QuietOpenCv quiet;
    const cv::Size even(width + width % 2, height + height % 2);
    for (const char* codec : {"avc1", "mp4v"}) {
      if (writer_.open(unfinished_.string(), cv::CAP_FFMPEG,
                       cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]), fps, even)) {
        return;
      }
    }
    discard();
    throw InputError("cannot write " + file_.string() +
                     ": this OpenCV has no encoder for .mp4; install one that was built with FFmpeg (Debian "
                     "and Ubuntu: libopencv-dev), or write a folder of PNG frames instead");
  }

  ~Encoder() { discard(); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void add(const RgbaImage& frame) {
    check_consistent(frame);
    if (!writer_.isOpened()) throw Error("the clip " + file_.string() + " is finished already");
    if (frame.width != size_.width || frame.height != size_.height) {
      throw Error("a frame of another size cannot be added to " + file_.string());
    }
    RgbaImage opaque = lay_over(frame, background_);
    cv::Mat pixels;
    cv::cvtColor(cv::Mat(opaque.height, opaque.width, CV_8UC4, opaque.pixels.data()), pixels,
                 cv::COLOR_RGBA2BGR);
    cv::copyMakeBorder(pixels, pixels, 0, frame.height % 2, 0, frame.width % 2, cv::BORDER_CONSTANT,
                       cv::Scalar(background_.blue, background_.green, background_.red));
    const QuietOpenCv quiet;
    writer_.write(pixels);
    ++frames_;
  }

  void finish() {
    if (!writer_.isOpened()) return;
    const QuietOpenCv quiet;
    writer_.release();
    if (frames_ == 0) throw Error("the clip " + file_.string() + " has no frames");
    if (!is_complete()) throw Error("cannot write " + file_.string() + ": is the disk full?");
    write_file_atomically(file_, [&](const fs::path& temporary) { fs::rename(unfinished_, temporary); });
  }

 private:
  /// OpenCV's writer reports no errors, so the clip is opened once more.
  bool is_complete() const {
    const cv::VideoCapture clip(unfinished_.string(), cv::CAP_FFMPEG);
    return clip.isOpened() && std::lround(clip.get(cv::CAP_PROP_FRAME_COUNT)) == frames_;
  }

  void discard() {
    writer_.release();
    std::error_code ignored;
    fs::remove(unfinished_, ignored);
  }

  fs::path file_;
  fs::path unfinished_;
  cv::Size size_;
  SrgbColor background_;
  cv::VideoWriter writer_;
  long frames_ = 0;
};

VideoWriter::VideoWriter(const fs::path& file, int width, int height, double fps, SrgbColor background) {
  check_video(file, width, height, fps);
  encoder_ = std::make_unique<Encoder>(file, width, height, fps, background);
}

VideoWriter::~VideoWriter() = default;

void VideoWriter::add(const RgbaImage& frame) {
  encoder_->add(frame);
}

void VideoWriter::finish() {
  encoder_->finish();
}

}  // namespace tha4
