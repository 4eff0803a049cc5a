#include <algorithm>
#include <cmath>
#include <vector>

#include "chart_frame.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/report/chart.h"

namespace tha4 {
namespace {

constexpr int kMaxTicks = 9;
constexpr int kMaxCountTicks = 6;
/// Bins between two ticks: fewer where there is little to count.
constexpr int kBinsATick = 4;
constexpr int kFewBinsATick = 2;
constexpr std::size_t kFewValues = 60;

std::vector<double> finite_values(const std::vector<double>& values) {
  std::vector<double> finite;
  const auto is_drawable = [](double value) { return std::isfinite(value) && std::abs(value) < 1e300; };
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite), is_drawable);
  return finite;
}

/// Values of several series, counted in the same bins.
class BinnedValues {
 public:
  explicit BinnedValues(const Histogram& histogram) {
    std::vector<std::vector<double>> values;
    for (const HistogramSeries& series : histogram.series) {
      values.push_back(finite_values(series.values));
      for (const double value : values.back()) {
        min_ = is_empty_ ? value : std::min(min_, value);
        max_ = is_empty_ ? value : std::max(max_, value);
        is_empty_ = false;
      }
      max_values_ = std::max(max_values_, values.back().size());
    }
    axis_ = is_empty_ ? ChartAxis{0, 1, false, {0, 1}} : ChartAxis::rounded(min_, max_, kMaxTicks, false);
    const int bins_a_tick = max_values_ <= kFewValues ? kFewBinsATick : kBinsATick;
    bins_ = (axis_.ticks.size() - 1) * static_cast<std::size_t>(bins_a_tick);
    for (const std::vector<double>& of_series : values) counts_.push_back(counted(of_series));
  }

  bool is_empty() const { return is_empty_; }
  const ChartAxis& axis() const { return axis_; }
  std::size_t bins() const { return bins_; }
  int count(std::size_t series, std::size_t bin) const { return counts_[series][bin]; }

  /// Where a bin begins; bins() gives the end of the last one.
  double edge(std::size_t bin) const {
    return axis_.min + (axis_.max - axis_.min) * static_cast<double>(bin) / static_cast<double>(bins_);
  }

  int largest_count() const {
    int largest = 0;
    for (const auto& counts : counts_)
      largest = std::max(largest, *std::max_element(counts.begin(), counts.end()));
    return largest;
  }

 private:
  std::vector<int> counted(const std::vector<double>& values) const {
    std::vector<int> counts(bins_);
    for (const double value : values) {
      const double place = axis_.position(value) * static_cast<double>(bins_);
      ++counts[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(bins_ - 1)))];
    }
    return counts;
  }

  bool is_empty_ = true;
  double min_ = 0;
  double max_ = 0;
  std::size_t max_values_ = 0;
  ChartAxis axis_;
  std::size_t bins_ = 0;
  std::vector<std::vector<int>> counts_;
};

void draw_series(ChartFrame& frame, const BinnedValues& values, std::size_t series) {
  const double ground = frame.pixel_y(0);
  for (std::size_t bin = 0; bin < values.bins(); ++bin) {
    const int count = values.count(series, bin);
    if (count == 0) continue;
    const double left = frame.pixel_x(values.edge(bin)), right = frame.pixel_x(values.edge(bin + 1));
    const double top = frame.pixel_y(count);
    frame.body() += fmt::format(
        R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}" fill-opacity="0.55"/>)",
        left + 0.5, top, right - left - 1, ground - top, ChartFrame::color(series));
    frame.body() += "\n";
  }
}

}  // namespace

std::string svg_histogram(const Histogram& histogram) {
  const BinnedValues values(histogram);
  ChartTexts texts{histogram.title, histogram.x_label, histogram.y_label, {}};
  for (const HistogramSeries& series : histogram.series) texts.series.push_back(series.name);
  const int largest = std::max(values.is_empty() ? 0 : values.largest_count(), 2);
  // Of few values, a tick for each whole number.
  const ChartAxis counts = ChartAxis::rounded(0, largest, std::min(largest + 1, kMaxCountTicks), false);
  ChartFrame frame("histogram", std::move(texts), values.axis(), counts);
  if (values.is_empty()) {
    frame.draw_no_data();
  } else {
    for (std::size_t i = histogram.series.size(); i-- > 0;) draw_series(frame, values, i);
  }
  return frame.svg();
}

}  // namespace tha4
