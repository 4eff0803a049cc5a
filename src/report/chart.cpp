#include "tha4/report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "chart_frame.h"
#include <spdlog/fmt/fmt.h>

namespace tha4 {
namespace {

constexpr std::size_t kMaxMarkers = 40;

/// Values that no axis could show count as missing, like NaN and infinity.
bool is_drawable(const ChartPoint& point, bool log_y) {
  const auto is_moderate = [](double value) { return std::isfinite(value) && std::abs(value) < 1e300; };
  return is_moderate(point.x) && is_moderate(point.y) && (!log_y || point.y > 1e-300);
}

struct Bounds {
  ChartPoint min;
  ChartPoint max;
};

std::optional<Bounds> bounds_of(const LineChart& chart) {
  std::optional<Bounds> bounds;
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      if (!is_drawable(point, chart.log_y)) continue;
      if (!bounds) bounds = Bounds{point, point};
      bounds->min = {std::min(bounds->min.x, point.x), std::min(bounds->min.y, point.y)};
      bounds->max = {std::max(bounds->max.x, point.x), std::max(bounds->max.y, point.y)};
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

ChartFrame frame_of(const LineChart& chart, const std::optional<Bounds>& bounds) {
  const ChartPoint min = bounds ? bounds->min : ChartPoint{0, chart.log_y ? 0.1 : 0};
  const ChartPoint max = bounds ? bounds->max : ChartPoint{1, 1};
  ChartTexts texts{chart.title, chart.x_label, chart.y_label, {}};
  for (const ChartSeries& series : chart.series) texts.series.push_back(series.name);
  return {"line-chart", std::move(texts), ChartAxis::close(min.x, max.x, 9),
          ChartAxis::rounded(min.y, max.y, 7, chart.log_y)};
}

class LineDrawing {
 public:
  explicit LineDrawing(const LineChart& chart)
      : chart_(chart), bounds_(bounds_of(chart)), frame_(frame_of(chart, bounds_)) {}

  std::string svg() {
    for (std::size_t i = 0; i < chart_.series.size(); ++i) draw_series(i);
    if (!bounds_) frame_.draw_no_data();
    return frame_.svg();
  }

 private:
  std::vector<Polyline> polylines_of(const ChartSeries& series) const {
    std::vector<Polyline> lines(1);
    for (const ChartPoint& point : series.points) {
      if (is_drawable(point, chart_.log_y)) {
        lines.back().push_back({frame_.pixel_x(point.x), frame_.pixel_y(point.y)});
      } else if (!lines.back().empty()) {
        lines.emplace_back();
      }
    }
    if (lines.back().empty()) lines.pop_back();
    return lines;
  }

  void draw_series(std::size_t index) {
    const ChartSeries& series = chart_.series[index];
    const bool is_sparse = series.points.size() <= kMaxMarkers;
    for (const Polyline& line : polylines_of(series)) {
      if (line.size() > 1) draw_polyline(line, index);
      if (is_sparse || line.size() == 1) draw_markers(line, index);
    }
  }

  void draw_polyline(const Polyline& line, std::size_t series) {
    const Polyline thinned = thin_out(line);
    // Noise drawn with a broad line would be a solid band.
    const double width = thinned.size() < line.size() ? 1.1 : 1.8;
    frame_.body() += R"(<polyline points=")";
    for (const ChartPoint& point : thinned) frame_.body() += fmt::format("{:.1f},{:.1f} ", point.x, point.y);
    frame_.body().back() = '"';
    frame_.body() += fmt::format(R"( fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"{}/>)",
                                 ChartFrame::color(series), width, ChartFrame::dashes(series)) +
                     "\n";
  }

  void draw_markers(const Polyline& line, std::size_t series) {
    for (const ChartPoint& point : line) {
      frame_.body() += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="2.6" fill="{}"/>)", point.x, point.y,
                                   ChartFrame::color(series)) +
                       "\n";
    }
  }

  const LineChart& chart_;
  std::optional<Bounds> bounds_;
  ChartFrame frame_;
};

}  // namespace

std::string svg_line_chart(const LineChart& chart) {
  return LineDrawing(chart).svg();
}

}  // namespace tha4
