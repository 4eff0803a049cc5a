#pragma once

#include <string>
#include <vector>

namespace tha4 {

/// A point in the units of a chart's axes.
struct ChartPoint {
  double x = 0;
  double y = 0;
};

/// One curve. Points are joined in their order; a point with a NaN or infinite coordinate interrupts the
/// curve.
struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;
};

/// Curves over one pair of axes; texts are plain and in UTF-8.
struct LineChart {
  std::string title{};
  std::string x_label{};
  std::string y_label{};
  bool log_y = false;  ///< values that are not positive then interrupt a curve
  std::vector<ChartSeries> series{};
};

/// The chart as one <svg> element to stand in an HTML page: it refers to nothing outside itself and takes the
/// colour of its text and lines from the page, so that it is readable on light and dark ones.
std::string svg_line_chart(const LineChart& chart);

/// How often values occur. Values that are not finite are left out.
struct HistogramSeries {
  std::string name;
  std::vector<double> values;
};

/// How often the values of each series lie in each of the same bins.
struct Histogram {
  std::string title{};
  std::string x_label{};
  std::string y_label{};  ///< what is counted
  std::vector<HistogramSeries> series{};
};

/// The histogram as one <svg> element, as above: one bar for each series in each of the bins, which are the
/// same for all series. The first series stands in front.
std::string svg_histogram(const Histogram& histogram);

/// Round numbers (1, 2 or 5 times a power of ten apart) from at or below \p min to at or above \p max, at
/// least two and at most \p max_count (>= 3) of them. Both bounds must be finite, of magnitude below 1e300;
/// where they are (almost) equal, the ticks surround them.
std::vector<double> linear_ticks(double min, double max, int max_count);

/// The same for a logarithmic axis; both bounds must be positive. Ticks are 1, 2 and 5 times powers of ten,
/// only powers of ten for a wide range, and evenly spaced for a narrow one.
std::vector<double> log_ticks(double min, double max, int max_count);

}  // namespace tha4
