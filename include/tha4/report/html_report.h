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

/// A figure that matters most of all, such as a score.
struct KeyFigure {
  std::string label;
  std::string value;
  std::string note;  ///< what to compare it with; may be empty
};

/// Builds a page from top to bottom, as one self-contained HTML file: style and images are inside it, there
/// are no scripts, and it suits light and dark screens. All texts are plain text in UTF-8 and are escaped.
class HtmlReport {
 public:
  explicit HtmlReport(std::string_view title);

  /// Has a browser load the page anew every so many seconds, while what it shows is not finished.
  void refresh_every(int seconds) { refresh_seconds_ = seconds; }

  void add_heading(std::string_view text);

  /// A paragraph that stands out, for what must not be overlooked.
  void add_notice(std::string_view text);

  /// A bar that is full by \p fraction, 0 to 1.
  void add_progress(double fraction);

  /// Large figures side by side.
  void add_key_figures(const std::vector<KeyFigure>& figures);

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
  int refresh_seconds_ = 0;  ///< 0: never
};

}  // namespace tha4
