#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "chart_axis.h"

namespace tha4 {

/// What a chart says around its plot.
struct ChartTexts {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<std::string> series;  ///< names for the legend; those that are empty are left out
};

/// An SVG chart but for what is plotted: title, legend, axes and their labels. What is drawn in the plot goes
/// to body() between construction and svg().
class ChartFrame {
 public:
  /// \param kind  the class of the <svg> element, for example "line-chart"
  ChartFrame(std::string_view kind, ChartTexts texts, ChartAxis x, ChartAxis y);

  double pixel_x(double value) const { return left_ + x_.position(value) * (right_ - left_); }
  double pixel_y(double value) const { return bottom_ - y_.position(value) * (bottom_ - top_); }

  /// The colour of a series, and the attribute that dashes those beyond the number of colours.
  static std::string_view color(std::size_t series);
  static std::string dashes(std::size_t series);

  std::string& body() { return body_; }

  /// In the middle of the plot.
  void draw_no_data();

  std::string svg() const;

 private:
  void draw_text(double x, double y, std::string_view anchor, std::string_view text,
                 std::string_view attributes = {});
  void draw_line(double x1, double y1, double x2, double y2, double opacity);
  void draw_title();
  void draw_legend();
  void draw_grid();
  void draw_labels();

  std::string kind_;
  ChartTexts texts_;
  ChartAxis x_;
  ChartAxis y_;
  std::string body_;
  double left_ = 0;
  double right_ = 0;
  double top_ = 10;
  double bottom_ = 0;
};

}  // namespace tha4
