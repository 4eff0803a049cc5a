#include "tha4/report/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

#include "report/occurrences.h"
#include <gtest/gtest.h>

namespace tha4 {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

void expect_increasing_cover(const std::vector<double>& ticks, double min, double max, int max_count) {
  ASSERT_GE(ticks.size(), 2U);
  EXPECT_LE(ticks.size(), static_cast<std::size_t>(max_count));
  const double tolerance = 1e-8 * (ticks.back() - ticks.front());
  EXPECT_LE(ticks.front(), min + tolerance);
  EXPECT_GE(ticks.back(), max - tolerance);
  for (std::size_t i = 1; i < ticks.size(); ++i) EXPECT_LT(ticks[i - 1], ticks[i]);
}

TEST(LinearTicks, AreRoundNumbers) {
  EXPECT_EQ(linear_ticks(0, 1, 6), (std::vector<double>{0, 0.2, 0.4, 0.6, 0.8, 1}));
  EXPECT_EQ(linear_ticks(21.3, 34.9, 5), (std::vector<double>{20, 25, 30, 35}));
  EXPECT_EQ(linear_ticks(-3, 1.2e6, 5), (std::vector<double>{-500000, 0, 500000, 1000000, 1500000}));
}

TEST(LinearTicks, CoverEveryRange) {
  const double ranges[][2] = {{0, 1},         {0.1, 0.3},       {-7, 13},     {1, 1},
                              {0, 0},         {-2, -2},         {1e-9, 3e-9}, {1e9, 1e9 + 1},
                              {1, 1 + 1e-15}, {-1e299, 1e299},  {0, 1e-280},  {99.999, 100.01},
                              {0, 5e-324},    {1e-300, 1e-299}, {0.3, 0.6}};
  for (const auto& [min, max] : ranges) {
    for (const int max_count : {3, 5, 7, 12}) {
      SCOPED_TRACE(testing::Message() << min << " to " << max << ", at most " << max_count);
      expect_increasing_cover(linear_ticks(min, max, max_count), min, max, max_count);
    }
  }
}

TEST(LogTicks, CoverEveryRange) {
  const double ranges[][2] = {{1, 10},         {0.03, 0.034}, {1e-6, 3},       {2, 2},
                              {1e-300, 1e299}, {1.9, 2.1},    {0.0004, 0.007}, {1.5, 4.4},
                              {0.001, 1e3},    {10, 100},     {5, 15}};
  for (const auto& [min, max] : ranges) {
    for (const int max_count : {3, 5, 7, 12}) {
      SCOPED_TRACE(testing::Message() << min << " to " << max << ", at most " << max_count);
      const std::vector<double> ticks = log_ticks(min, max, max_count);
      expect_increasing_cover(ticks, min, max, max_count);
      EXPECT_GT(ticks.front(), 0);
    }
  }
}

TEST(LogTicks, AreRoundNumbers) {
  EXPECT_EQ(log_ticks(0.003, 0.04, 7), (std::vector<double>{0.002, 0.005, 0.01, 0.02, 0.05}));
  EXPECT_EQ(log_ticks(0.003, 400, 7), (std::vector<double>{0.001, 0.01, 0.1, 1, 10, 100, 1000}));
}

/// All pairs of numbers "x,y" within the polylines of an SVG, and the centres of its circles.
std::vector<ChartPoint> drawn_points(const std::string& svg) {
  std::vector<ChartPoint> points;
  const std::regex pair(R"re((-?[0-9.]+),(-?[0-9.]+)|cx="(-?[0-9.]+)" cy="(-?[0-9.]+)")re");
  for (std::sregex_iterator match(svg.begin(), svg.end(), pair), end; match != end; ++match) {
    const bool is_circle = (*match)[3].matched;
    points.push_back({std::stod((*match)[is_circle ? 3 : 1]), std::stod((*match)[is_circle ? 4 : 2])});
  }
  return points;
}

void expect_within_plot(const std::string& svg) {
  std::smatch box;
  ASSERT_TRUE(std::regex_search(svg, box, std::regex(R"re(viewBox="0 0 ([0-9.]+) ([0-9.]+)")re")));
  for (const ChartPoint& point : drawn_points(svg)) {
    EXPECT_GE(point.x, 0);
    EXPECT_LE(point.x, std::stod(box[1]));
    EXPECT_GE(point.y, 0);
    EXPECT_LE(point.y, std::stod(box[2]));
  }
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
}

LineChart chart_of(std::vector<ChartPoint> points, bool log_y = false) {
  return {.title = "Loss",
          .x_label = "examples",
          .y_label = "L1",
          .log_y = log_y,
          .series = {{"", std::move(points)}}};
}

TEST(LineChart, PutsHigherValuesHigherAndLaterOnesToTheRight) {
  for (const bool log_y : {false, true}) {
    const auto points = drawn_points(svg_line_chart(chart_of({{0, 1}, {50, 3}, {100, 10}}, log_y)));
    ASSERT_EQ(points.size(), 6U) << "a line and a marker for each";
    EXPECT_LT(points[0].x, points[1].x);
    EXPECT_NEAR(points[1].x - points[0].x, points[2].x - points[1].x, 0.2);
    EXPECT_GT(points[0].y, points[1].y);
    EXPECT_GT(points[1].y, points[2].y);
  }
}

TEST(LineChart, LogarithmicAxisSpacesEqualRatiosEqually) {
  const auto points = drawn_points(svg_line_chart(chart_of({{0, 0.01}, {1, 0.1}, {2, 1}}, true)));
  EXPECT_NEAR(points[0].y - points[1].y, points[1].y - points[2].y, 0.2);
}

TEST(LineChart, InterruptsCurvesWhereValuesAreMissing) {
  const std::string svg = svg_line_chart(
      chart_of({{0, 1}, {1, 2}, {2, kNan}, {3, 2}, {4, 1}, {5, kInfinity}, {kNan, 1}, {6, 1}}));
  EXPECT_EQ(occurrences(svg, "<polyline"), 2U);
  EXPECT_EQ(occurrences(svg, "<circle"), 5U);
  expect_within_plot(svg);

  const std::string logarithmic =
      svg_line_chart(chart_of({{0, 1}, {1, 2}, {2, 0}, {3, -2}, {4, 1}, {5, 3}}, true));
  EXPECT_EQ(occurrences(logarithmic, "<polyline"), 2U);
  expect_within_plot(logarithmic);
}

TEST(LineChart, DrawsWhatHasHardlyAnyPoints) {
  for (const bool log_y : {false, true}) {
    const std::string single = svg_line_chart(chart_of({{7, 0.5}}, log_y));
    EXPECT_EQ(occurrences(single, "<circle"), 1U);
    expect_within_plot(single);
    expect_within_plot(svg_line_chart(chart_of({{0, 0.5}, {1, 0.5}}, log_y)));
    EXPECT_NE(svg_line_chart(chart_of({}, log_y)).find("no data"), std::string::npos);
    EXPECT_NE(svg_line_chart(chart_of({{kNan, kNan}, {1, kInfinity}}, log_y)).find("no data"),
              std::string::npos);
  }
  EXPECT_NE(svg_line_chart({}).find("</svg>"), std::string::npos);
}

TEST(LineChart, KeepsPeaksOfLongCurvesAtAFractionOfTheirSize) {
  std::vector<ChartPoint> points;
  for (int i = 0; i < 200000; ++i) points.push_back({static_cast<double>(i), 0.5 + 0.1 * std::sin(0.7 * i)});
  points[123456].y = 1;
  points[123500].y = 0;
  const std::string svg = svg_line_chart(chart_of(points));
  EXPECT_LT(svg.size(), 100000U);
  const auto drawn = drawn_points(svg);
  const auto [highest, lowest] = std::minmax_element(
      drawn.begin(), drawn.end(), [](const ChartPoint& a, const ChartPoint& b) { return a.y < b.y; });
  EXPECT_NEAR(lowest->y - highest->y, 260, 1) << "from 0 to 1, the whole height of the plot";
  expect_within_plot(svg);
}

TEST(LineChart, NamesItsSeriesAndEscapesTexts) {
  LineChart chart = chart_of({{0, 1}, {1, 2}});
  chart.title = "a < b & \"c\"";
  chart.series[0].name = "<train>";
  const std::string svg = svg_line_chart(chart);
  EXPECT_NE(svg.find(">&lt;train&gt;<"), std::string::npos);
  EXPECT_NE(svg.find("aria-label=\"a &lt; b &amp; &quot;c&quot;\""), std::string::npos);
}

/// The bars of a histogram: left, top, width and height.
struct Bar {
  double left, top, width, height;
};

std::vector<Bar> drawn_bars(const std::string& svg) {
  std::vector<Bar> bars;
  const std::regex rect(R"re(<rect x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)" height="([0-9.]+)")re");
  for (std::sregex_iterator match(svg.begin(), svg.end(), rect), end; match != end; ++match) {
    bars.push_back(
        {std::stod((*match)[1]), std::stod((*match)[2]), std::stod((*match)[3]), std::stod((*match)[4])});
  }
  return bars;
}

TEST(Histogram, HasBarsAsHighAsValuesAreMany) {
  const std::string svg =
      svg_histogram({.title = "PSNR", .series = {{"", {20.1, 20.2, 20.3, 24.9, 30, kInfinity, kNan}}}});
  const auto bars = drawn_bars(svg);
  ASSERT_EQ(bars.size(), 3U);
  EXPECT_LT(bars[0].left, bars[1].left);
  EXPECT_LT(bars[1].left, bars[2].left);
  EXPECT_NEAR(bars[0].height, 3 * bars[1].height, 0.3);
  EXPECT_NEAR(bars[1].top + bars[1].height, bars[0].top + bars[0].height, 0.2) << "they stand on one line";
  expect_within_plot(svg);
}

TEST(Histogram, ComparesSeriesInTheSameBins) {
  const std::string svg = svg_histogram({.series = {{"student", {1, 2}}, {"rest", {1, 2}}}});
  const auto bars = drawn_bars(svg);
  ASSERT_EQ(bars.size(), 4U);
  EXPECT_EQ(bars[0].left, bars[2].left);
  EXPECT_EQ(bars[1].width, bars[3].width);
  EXPECT_NE(svg.find(">student<"), std::string::npos);
}

TEST(Histogram, CountsInWholeNumbers) {
  for (int largest = 1; largest < 12; ++largest) {
    const std::vector<double> values(static_cast<std::size_t>(largest), 0.5);
    const std::string svg = svg_histogram({.series = {{"", values}}});
    // Labels of the vertical axis end where it is.
    const std::regex label(R"re(text-anchor="end"[^>]*>([^<]*)<)re");
    for (std::sregex_iterator match(svg.begin(), svg.end(), label), end; match != end; ++match) {
      EXPECT_EQ((*match)[1].str().find('.'), std::string::npos) << largest << ": " << (*match)[1];
    }
  }
}

TEST(Histogram, DrawsWhatHasHardlyAnyValues) {
  EXPECT_EQ(drawn_bars(svg_histogram({.series = {{"", {0.5}}}})).size(), 1U);
  EXPECT_EQ(drawn_bars(svg_histogram({.series = {{"", {7, 7, 7}}}})).size(), 1U);
  EXPECT_NE(svg_histogram({.series = {{"", {kInfinity}}}}).find("no data"), std::string::npos);
  EXPECT_NE(svg_histogram({}).find("no data"), std::string::npos);
}

}  // namespace
}  // namespace tha4
