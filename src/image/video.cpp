#include "tha4/image/video.h"

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "clip_encoder.h"
#include <opencv2/imgproc.hpp>
#include <unistd.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/error.h"
#include "tha4/base/lower_case.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

// H.264 where FFmpeg has it, else MPEG-4.
constexpr std::array kEncoders = {"libx264", "libopenh264", "mpeg4"};

void check_video(const fs::path& file, int width, int height, double fps) {
  if (!is_clip_name(file)) throw InputError(file.string() + ": clips are written as .mp4");
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
        width_(width),
        height_(height),
        background_(background) {
    check_writable(file_, unfinished_);
    try {
      encoder_.emplace(file_, unfinished_, width + width % 2, height + height % 2, fps, kEncoders);
    } catch (...) {
      discard();
      throw;
    }
  }

  ~Encoder() { discard(); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void add(const RgbaImage& frame) {
    check_consistent(frame);
    if (!encoder_) throw Error("the clip " + file_.string() + " is finished already");
    if (frame.width != width_ || frame.height != height_) {
      throw Error("a frame of another size cannot be added to " + file_.string());
    }
    RgbaImage opaque = lay_over(frame, background_);
    cv::Mat pixels(opaque.height, opaque.width, CV_8UC4, opaque.pixels.data());
    if (width_ % 2 != 0 || height_ % 2 != 0) {
      cv::Mat even;
      cv::copyMakeBorder(pixels, even, 0, height_ % 2, 0, width_ % 2, cv::BORDER_CONSTANT,
                         cv::Scalar(background_.red, background_.green, background_.blue, 255));
      pixels = even;
    }
    encoder_->add(pixels.data);
    ++frames_;
  }

  void finish() {
    if (!encoder_) return;
    if (frames_ == 0) {
      encoder_.reset();
      throw Error("the clip " + file_.string() + " has no frames");
    }
    encoder_->finish();
    encoder_.reset();
    write_file_atomically(file_, [&](const fs::path& temporary) { fs::rename(unfinished_, temporary); });
  }

 private:
  void discard() {
    encoder_.reset();
    std::error_code ignored;
    fs::remove(unfinished_, ignored);
  }

  fs::path file_;
  fs::path unfinished_;
  int width_;
  int height_;
  SrgbColor background_;
  std::optional<ClipEncoder> encoder_;
  long frames_ = 0;
};

bool is_clip_name(const fs::path& file) {
  return lower_extension(file) == ".mp4";
}

bool can_write_clips() {
  return ClipEncoder::works(kEncoders);
}

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
