#include "chart_frame.h"

#include <algorithm>
#include <array>
#include <utility>

#include "html_text.h"
#include <spdlog/fmt/fmt.h>

namespace tha4 {
namespace {

constexpr double kWidth = 920;
constexpr double kPlotHeight = 260;
constexpr double kLineHeight = 20;
constexpr double kCharacterWidth = 7;
/// So that charts one below the other mostly line up.
constexpr double kMinLabelWidth = 6 * kCharacterWidth;
/// Told apart by hue and lightness, with a contrast of at least 3:1 to white and to a dark page alike.
constexpr std::array<std::string_view, 6> kColors = {"#3b82d9", "#d9730d", "#2b9a66",
                                                     "#b0569c", "#d1495b", "#8a7a3c"};

double text_width(std::string_view text) {
  const auto is_first_byte = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  return kCharacterWidth * static_cast<double>(std::count_if(text.begin(), text.end(), is_first_byte));
}

}  // namespace

ChartFrame::ChartFrame(std::string_view kind, ChartTexts texts, ChartAxis x, ChartAxis y)
    : kind_(kind), texts_(std::move(texts)), x_(std::move(x)), y_(std::move(y)) {
  double widest = kMinLabelWidth;
  for (const double tick : y_.ticks) widest = std::max(widest, text_width(tick_text(tick)));
  left_ = widest + 12 + (texts_.y_label.empty() ? 0 : kLineHeight);
  // Half of the last label of the horizontal axis stands out.
  right_ = kWidth - 24;
  draw_title();
  draw_legend();
  bottom_ = top_ + kPlotHeight;
  draw_grid();
  draw_labels();
}

std::string_view ChartFrame::color(std::size_t series) {
  return kColors[series % kColors.size()];
}

std::string ChartFrame::dashes(std::size_t series) {
  const std::size_t round = series / kColors.size();
  return round == 0 ? "" : fmt::format(R"( stroke-dasharray="{} 3")", 8 / round + 1);
}

void ChartFrame::draw_no_data() {
  draw_text((left_ + right_) / 2, (top_ + bottom_) / 2, "middle", "no data", R"( fill-opacity="0.6")");
}

std::string ChartFrame::svg() const {
  const double height = bottom_ + (texts_.x_label.empty() ? 1.5 : 2.5) * kLineHeight;
  return fmt::format(R"(<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="{}" )"
                     R"(style="width:100%;height:auto;font:13px system-ui,sans-serif" fill="currentColor">)",
                     kind_, kWidth, height, escape_html(texts_.title)) +
         "\n" + body_ + "</svg>\n";
}

void ChartFrame::draw_text(double x, double y, std::string_view anchor, std::string_view text,
                           std::string_view attributes) {
  body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}"{}>{}</text>)", x, y, anchor,
                       attributes, escape_html(text)) +
           "\n";
}

void ChartFrame::draw_line(double x1, double y1, double x2, double y2, double opacity) {
  body_ += fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="currentColor" )"
                       R"(stroke-opacity="{}"/>)",
                       x1, y1, x2, y2, opacity) +
           "\n";
}

void ChartFrame::draw_title() {
  if (texts_.title.empty()) return;
  draw_text(0, top_ + 6, "start", texts_.title, R"( font-weight="600" font-size="15")");
  top_ += kLineHeight;
}

void ChartFrame::draw_legend() {
  double x = left_;
  bool is_drawn = false;
  for (std::size_t i = 0; i < texts_.series.size(); ++i) {
    const std::string& name = texts_.series[i];
    if (name.empty()) continue;
    const double width = text_width(name) + 48;
    if (is_drawn && x + width > right_) {
      x = left_;
      top_ += kLineHeight;
    }
    body_ += fmt::format(R"(<line x1="{0:.1f}" y1="{1:.1f}" x2="{2:.1f}" y2="{1:.1f}" stroke="{3}" )"
                         R"(stroke-width="3"{4}/>)",
                         x, top_ + 3, x + 22, color(i), dashes(i)) +
             "\n";
    draw_text(x + 28, top_ + 7.5, "start", name);
    x += width;
    is_drawn = true;
  }
  if (is_drawn) top_ += kLineHeight;
}

void ChartFrame::draw_grid() {
  for (const double tick : y_.ticks) {
    draw_line(left_, pixel_y(tick), right_, pixel_y(tick), tick == y_.ticks.front() ? 0.5 : 0.13);
    draw_text(left_ - 8, pixel_y(tick) + 4.5, "end", tick_text(tick), R"( fill-opacity="0.75")");
  }
  for (const double tick : x_.ticks) {
    draw_line(pixel_x(tick), bottom_, pixel_x(tick), bottom_ + 5, 0.5);
    draw_text(pixel_x(tick), bottom_ + kLineHeight, "middle", tick_text(tick), R"( fill-opacity="0.75")");
  }
}

void ChartFrame::draw_labels() {
  const double middle = (top_ + bottom_) / 2;
  if (!texts_.x_label.empty()) {
    draw_text((left_ + right_) / 2, bottom_ + 2 * kLineHeight, "middle", texts_.x_label);
  }
  if (!texts_.y_label.empty()) {
    draw_text(13, middle, "middle", texts_.y_label,
              fmt::format(R"svg( transform="rotate(-90 13 {:.1f})")svg", middle));
  }
}

}  // namespace tha4
