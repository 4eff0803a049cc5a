#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"
#include "tha4/image/image_io.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

/// Text in the strip of a sheet that \p area says, as large as fits.
void draw_label(cv::Mat& sheet, const cv::Rect& area, const std::string& text) {
  constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
  int baseline = 0;
  const cv::Size natural = cv::getTextSize(text, kFont, 0.45, 1, &baseline);
  const double scale = 0.45 * std::min(1.0, static_cast<double>(area.width) / std::max(natural.width, 1));
  // Drawn into the strip alone, so that nothing can spill into a picture.
  cv::Mat strip = sheet(area);
  cv::putText(strip, text, {0, area.height - 6}, kFont, scale, cv::Scalar(0, 0, 0, 255), 1, cv::LINE_AA);
}

struct SheetSize {
  int columns = 0;
  int label_height = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
};

SheetSize sheet_size(std::size_t count, const cv::Size& cell, int columns, bool has_labels) {
  SheetSize size;
  const auto pictures = static_cast<std::int64_t>(count);
  size.columns = static_cast<int>(std::min<std::int64_t>(columns, pictures));
  const std::int64_t rows = (pictures + size.columns - 1) / size.columns;
  size.label_height = has_labels ? kSheetLabelHeight : 0;
  size.width = kSheetGap + std::int64_t{size.columns} * (cell.width + kSheetGap);
  size.height = kSheetGap + rows * (size.label_height + cell.height + kSheetGap);
  if (size.width > kMaxImageSide || size.height > kMaxImageSide || size.width * size.height > kMaxImageArea) {
    throw InputError("a contact sheet of " + std::to_string(count) + " pictures would be " +
                     std::to_string(size.width) + "x" + std::to_string(size.height) +
                     " pixels, which is too large; take fewer or smaller pictures");
  }
  return size;
}

}  // namespace

void check_contact_sheet(std::size_t count, int width, int height, int columns, bool has_labels) {
  if (count == 0 || columns <= 0) throw Error("a contact sheet needs a picture and a column");
  sheet_size(count, {width, height}, columns, has_labels);
}

RgbaImage contact_sheet(const std::vector<RgbaImage>& images, const ContactSheetOptions& options) {
  if (images.empty() || options.columns <= 0) throw Error("a contact sheet needs a picture and a column");
  if (!options.labels.empty() && options.labels.size() != images.size()) {
    throw Error("a contact sheet needs one label for each picture, or none");
  }
  cv::Size cell;
  for (const RgbaImage& image : images) {
    check_consistent(image);
    cell.width = std::max(cell.width, image.width);
    cell.height = std::max(cell.height, image.height);
  }
  const int count = static_cast<int>(images.size());
  const auto [columns, label_height, width, height] =
      sheet_size(images.size(), cell, options.columns, !options.labels.empty());
  RgbaImage result(static_cast<int>(width), static_cast<int>(height));
  cv::Mat sheet(result.height, result.width, CV_8UC4, result.pixels.data());
  sheet.setTo(cv::Scalar::all(255));
  for (int i = 0; i < count; ++i) {
    const int x = kSheetGap + i % columns * (cell.width + kSheetGap);
    const int y = kSheetGap + i / columns * (label_height + cell.height + kSheetGap);
    const auto index = static_cast<std::size_t>(i);
    if (label_height > 0) draw_label(sheet, {x, y, cell.width, label_height}, options.labels[index]);
    RgbaImage image = lay_over(images[index], SrgbColor{});
    const cv::Rect place(x + (cell.width - image.width) / 2,
                         y + label_height + (cell.height - image.height) / 2, image.width, image.height);
    cv::Mat(image.height, image.width, CV_8UC4, image.pixels.data()).copyTo(sheet(place));
  }
  return result;
}

}  // namespace tha4
