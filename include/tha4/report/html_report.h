#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// One of the images of a row, and the line of text below it.
struct CaptionedImage {
  std::string caption;
  RgbaImage image;
};

/// Builds a page from top to bottom, as one self-contained HTML file: style and images are inside it, there
/// are no scripts, and it suits light and dark screens. All texts are plain text in UTF-8 and are escaped.
class HtmlReport {
 public:
  explicit HtmlReport(std::string_view title);

  void add_heading(std::string_view text);

  /// A paragraph; line breaks are kept.
  void add_text(std::string_view text);

  /// \param rows  the first one holds the column headings. Columns of figures are aligned to the right.
  void add_table(const std::vector<std::vector<std::string>>& rows);

  /// One image at its own size, or as wide as the page; small ones are enlarged.
  void add_image(std::string_view caption, const RgbaImage& image);

  /// Images side by side at equal width, such as teacher, student and difference.
  /// \param caption  of the whole row; may be empty
  void add_image_row(std::string_view caption, const std::vector<CaptionedImage>& images);

  /// \param svg  an <svg> element from svg_line_chart(), taken as it is
  void add_svg(std::string_view svg);

  /// The settings one by one, by their full keys ("optimizer.learning_rate").
  void add_settings(const nlohmann::json& settings);

  std::string html() const;

  /// Writes the page, atomically. Throws Error when it cannot be written.
  void write(const std::filesystem::path& file) const;

 private:
  std::string title_;
  std::string body_;
};

}  // namespace tha4
