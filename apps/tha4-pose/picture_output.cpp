#include "picture_output.h"

#include <cmath>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"
#include "tha4/image/image_io.h"
#include "tha4/image/video.h"

namespace tha4::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPicturesOnASheet = 400;

int columns_of(const PictureSeries& series) {
  const double square = std::ceil(std::sqrt(static_cast<double>(series.count)));
  return series.columns > 0 ? series.columns : static_cast<int>(square);
}

class FrameFolder final : public PictureOutput {
 public:
  explicit FrameFolder(fs::path folder) : folder_(std::move(folder)) {}

  void add(const RgbaImage& picture, const std::string&) override {
    write_image(folder_ / fmt::format("frame_{:06}.png", count_++), picture);
  }

 private:
  fs::path folder_;
  std::size_t count_ = 0;
};

class Clip final : public PictureOutput {
 public:
  Clip(const fs::path& file, const PictureSeries& series)
      : video_(file, series.width, series.height, series.frames_per_second) {}

  void add(const RgbaImage& picture, const std::string&) override { video_.add(picture); }
  void finish() override { video_.finish(); }

 private:
  VideoWriter video_;
};

class Sheet final : public PictureOutput {
 public:
  Sheet(fs::path file, const PictureSeries& series) : file_(std::move(file)) {
    options_.columns = columns_of(series);
  }

  void add(const RgbaImage& picture, const std::string& label) override {
    pictures_.push_back(picture);
    if (!label.empty()) options_.labels.push_back(label);
  }

  void finish() override {
    write_image(file_, pictures_.size() == 1 ? pictures_.front() : contact_sheet(pictures_, options_));
  }

 private:
  fs::path file_;
  ContactSheetOptions options_;
  std::vector<RgbaImage> pictures_;
};

}  // namespace

bool is_clip(const fs::path& out) {
  return is_clip_name(out);
}

bool is_sheet(const fs::path& out) {
  return !out.extension().empty() && !is_clip(out);
}

bool is_folder_of_frames(const fs::path& out) {
  return out.extension().empty();
}

void check_picture_output(const fs::path& out, const PictureSeries& series) {
  if (!is_sheet(out)) return;
  if (!is_picture_name(out)) {
    throw InputError(
        "--out " + out.string() + ": " + out.extension().string() +
        " is not known; use .png, .webp or .jpg (one frame or a sheet), .mp4 (a clip), or a folder");
  }
  if (series.count > kMaxPicturesOnASheet) {
    throw InputError(
        fmt::format("a sheet holds at most {} pictures, not {}; name a folder or an .mp4 with --out instead",
                    kMaxPicturesOnASheet, series.count));
  }
  if (series.count > 1) {
    check_contact_sheet(series.count, series.width, series.height, columns_of(series), series.has_labels);
  }
}

std::unique_ptr<PictureOutput> open_picture_output(const fs::path& out, const PictureSeries& series) {
  if (out.extension().empty()) return std::make_unique<FrameFolder>(out);
  if (is_clip(out)) return std::make_unique<Clip>(out, series);
  return std::make_unique<Sheet>(out, series);
}

}  // namespace tha4::app
