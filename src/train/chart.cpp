#include "tha4/train/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "chart_axis.h"
#include "html_text.h"
#include <spdlog/fmt/fmt.h>

namespace tha4 {
namespace {

constexpr double kWidth = 920;
constexpr double kPlotHeight = 260;
constexpr double kLineHeight = 20;
constexpr double kCharacterWidth = 7;
/// So that charts one below the other mostly line up.
constexpr double kLeastLabelWidth = 6 * kCharacterWidth;
constexpr std::size_t kMostMarkers = 40;

/// Told apart by hue and lightness, with a contrast of at least 3:1 to white and to a dark page alike.
constexpr std::array<std::string_view, 6> kColors = {"#3b82d9", "#d9730d", "#2b9a66",
                                                     "#b0569c", "#d1495b", "#8a7a3c"};

double text_width(std::string_view text) {
  const auto is_first_byte = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
  return kCharacterWidth * static_cast<double>(std::count_if(text.begin(), text.end(), is_first_byte));
}

/// Values that no axis could show count as missing, like NaN and infinity.
bool is_drawable(const ChartPoint& point, bool log_y) {
  const auto is_moderate = [](double value) { return std::isfinite(value) && std::abs(value) < 1e300; };
  return is_moderate(point.x) && is_moderate(point.y) && (!log_y || point.y > 1e-300);
}

struct Bounds {
  ChartPoint least;
  ChartPoint most;
};

std::optional<Bounds> bounds_of(const LineChart& chart) {
  std::optional<Bounds> bounds;
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      if (!is_drawable(point, chart.log_y)) continue;
      if (!bounds) bounds = Bounds{point, point};
      bounds->least = {std::min(bounds->least.x, point.x), std::min(bounds->least.y, point.y)};
      bounds->most = {std::max(bounds->most.x, point.x), std::max(bounds->most.y, point.y)};
    }
  }
  return bounds;
}

/// The parts of a series between its gaps, in pixels.
using Polyline = std::vector<ChartPoint>;

/// Where many points share a column of pixels, keeps the first, the lowest, the highest and the last of them:
/// the same picture at a fraction of the size.
Polyline thin_out(const Polyline& line) {
  Polyline thinned;
  for (std::size_t begin = 0; begin < line.size();) {
    std::size_t end = begin + 1;
    while (end < line.size() && std::floor(line[end].x) == std::floor(line[begin].x)) ++end;
    const auto first = line.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = line.begin() + static_cast<std::ptrdiff_t>(end);
    const auto [lowest, highest] =
        std::minmax_element(first, last, [](const ChartPoint& a, const ChartPoint& b) { return a.y < b.y; });
    std::array kept = {first, std::min(lowest, highest), std::max(lowest, highest), last - 1};
    const auto kept_end = std::unique(kept.begin(), kept.end());
    for (auto point = kept.begin(); point != kept_end; ++point) thinned.push_back(**point);
    begin = end;
  }
  return thinned;
}

/// Draws one chart from top to bottom: title, legend, plot, axis labels.
class ChartDrawing {
 public:
  explicit ChartDrawing(const LineChart& chart) : chart_(chart), bounds_(bounds_of(chart)) {
    const ChartPoint least = bounds_ ? bounds_->least : ChartPoint{0, chart.log_y ? 0.1 : 0};
    const ChartPoint most = bounds_ ? bounds_->most : ChartPoint{1, 1};
    x_ = ChartAxis::close(least.x, most.x, 9);
    y_ = ChartAxis::rounded(least.y, most.y, 7, chart.log_y);
    double widest = kLeastLabelWidth;
    for (const double tick : y_.ticks) widest = std::max(widest, text_width(tick_text(tick)));
    left_ = widest + 12 + (chart.y_label.empty() ? 0 : kLineHeight);
    // Half of the last label of the horizontal axis stands out.
    right_ = kWidth - 24;
  }

  std::string svg() {
    draw_title();
    draw_legend();
    bottom_ = top_ + kPlotHeight;
    draw_grid();
    draw_labels();
    for (std::size_t i = 0; i < chart_.series.size(); ++i) draw_series(i);
    if (!bounds_) {
      draw_text((left_ + right_) / 2, (top_ + bottom_) / 2, "middle", "no data", R"( fill-opacity="0.6")");
    }
    const double height = bottom_ + (chart_.x_label.empty() ? 1.5 : 2.5) * kLineHeight;
    return fmt::format(
               R"(<svg class="line-chart" viewBox="0 0 {} {}" role="img" aria-label="{}" )"
               R"(style="width:100%;height:auto;font:13px system-ui,sans-serif" fill="currentColor">)",
               kWidth, height, escape_html(chart_.title)) +
           "\n" + body_ + "</svg>\n";
  }

 private:
  double pixel_x(double value) const { return left_ + x_.position(value) * (right_ - left_); }
  double pixel_y(double value) const { return bottom_ - y_.position(value) * (bottom_ - top_); }

  static std::string_view color(std::size_t series) { return kColors[series % kColors.size()]; }

  /// Series beyond the number of colours are dashed.
  static std::string dashes(std::size_t series) {
    const std::size_t round = series / kColors.size();
    return round == 0 ? "" : fmt::format(R"( stroke-dasharray="{} 3")", 8 / round + 1);
  }

  void draw_text(double x, double y, std::string_view anchor, std::string_view text,
                 std::string_view attributes = {}) {
    body_ += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}"{}>{}</text>)", x, y, anchor,
                         attributes, escape_html(text)) +
             "\n";
  }

  void draw_line(double x1, double y1, double x2, double y2, double opacity) {
    body_ += fmt::format(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="currentColor" )"
                         R"(stroke-opacity="{}"/>)",
                         x1, y1, x2, y2, opacity) +
             "\n";
  }

  void draw_title() {
    if (chart_.title.empty()) return;
    draw_text(0, top_ + 6, "start", chart_.title, R"( font-weight="600" font-size="15")");
    top_ += kLineHeight;
  }

  void draw_legend() {
    double x = left_;
    bool is_drawn = false;
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      const std::string& name = chart_.series[i].name;
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

  void draw_grid() {
    for (const double tick : y_.ticks) {
      draw_line(left_, pixel_y(tick), right_, pixel_y(tick), tick == y_.ticks.front() ? 0.5 : 0.13);
      draw_text(left_ - 8, pixel_y(tick) + 4.5, "end", tick_text(tick), R"( fill-opacity="0.75")");
    }
    for (const double tick : x_.ticks) {
      draw_line(pixel_x(tick), bottom_, pixel_x(tick), bottom_ + 5, 0.5);
      draw_text(pixel_x(tick), bottom_ + kLineHeight, "middle", tick_text(tick), R"( fill-opacity="0.75")");
    }
  }

  void draw_labels() {
    const double middle = (top_ + bottom_) / 2;
    if (!chart_.x_label.empty()) {
      draw_text((left_ + right_) / 2, bottom_ + 2 * kLineHeight, "middle", chart_.x_label);
    }
    if (!chart_.y_label.empty()) {
      draw_text(13, middle, "middle", chart_.y_label,
                fmt::format(R"svg( transform="rotate(-90 13 {:.1f})")svg", middle));
    }
  }

  std::vector<Polyline> polylines_of(const ChartSeries& series) const {
    std::vector<Polyline> lines(1);
    for (const ChartPoint& point : series.points) {
      if (is_drawable(point, chart_.log_y)) {
        lines.back().push_back({pixel_x(point.x), pixel_y(point.y)});
      } else if (!lines.back().empty()) {
        lines.emplace_back();
      }
    }
    if (lines.back().empty()) lines.pop_back();
    return lines;
  }

  void draw_series(std::size_t index) {
    const ChartSeries& series = chart_.series[index];
    const bool is_sparse = series.points.size() <= kMostMarkers;
    for (const Polyline& line : polylines_of(series)) {
      if (line.size() > 1) draw_polyline(line, index);
      if (is_sparse || line.size() == 1) draw_markers(line, index);
    }
  }

  void draw_polyline(const Polyline& line, std::size_t series) {
    const Polyline thinned = thin_out(line);
    // Noise drawn with a broad line would be a solid band.
    const double width = thinned.size() < line.size() ? 1.1 : 1.8;
    body_ += R"(<polyline points=")";
    for (const ChartPoint& point : thinned) body_ += fmt::format("{:.1f},{:.1f} ", point.x, point.y);
    body_.back() = '"';
    body_ += fmt::format(R"( fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"{}/>)",
                         color(series), width, dashes(series)) +
             "\n";
  }

  void draw_markers(const Polyline& line, std::size_t series) {
    for (const ChartPoint& point : line) {
      body_ += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="2.6" fill="{}"/>)", point.x, point.y,
                           color(series)) +
               "\n";
    }
  }

  const LineChart& chart_;
  std::optional<Bounds> bounds_;
  ChartAxis x_;
  ChartAxis y_;
  std::string body_;
  double left_ = 0;
  double right_ = 0;
  double top_ = 10;
  double bottom_ = 0;
};

}  // namespace

std::string svg_line_chart(const LineChart& chart) {
  return ChartDrawing(chart).svg();
}

}  // namespace tha4
