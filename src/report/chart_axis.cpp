#include "chart_axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <tuple>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "tha4/report/chart.h"

namespace tha4 {
namespace {

/// digit * 10^exponent, rounded once only, so that 3 * 10^-1 is the same number as 0.3.
double decimal(double digit, int exponent) {
  return exponent < 0 ? digit / std::pow(10.0, -exponent) : digit * std::pow(10.0, exponent);
}

bool is_almost_one_value(double min, double max) {
  return max - min <= std::max(1e-12 * std::max(std::abs(min), std::abs(max)), 1e-290);
}

std::pair<double, double> room_about(double value) {
  const double room = std::abs(value) < 1e-280 ? 1.0 : 0.1 * std::abs(value);
  return {value - room, value + room};
}

/// Multiples of \p digit * 10^\p exponent that surround the range; empty if there are more than \p max_count.
std::vector<double> multiples(double min, double max, double digit, int exponent, int max_count) {
  constexpr double kTolerance = 1e-9;
  const double step = decimal(digit, exponent);
  const double first = std::floor(min / step + kTolerance);
  const double last = std::ceil(max / step - kTolerance);
  if (last - first + 1 > max_count) return {};
  std::vector<double> ticks;
  for (double i = first; i <= last; ++i) ticks.push_back(decimal(i * digit, exponent));
  return ticks;
}

/// The numbers digit * 10^e, with e a multiple of \p stride, that surround the range; empty if there are too
/// many.
std::vector<double> powers(double min, double max, std::initializer_list<double> digits, int stride,
                           int max_count) {
  const auto floor_to_stride = [stride](double exponent) {
    return stride * static_cast<int>(std::floor(exponent / stride));
  };
  const int first = floor_to_stride(std::log10(min)) - stride;
  const int last = floor_to_stride(std::log10(max)) + 2 * stride;
  std::vector<double> candidates;
  for (int exponent = first; exponent <= last; exponent += stride) {
    for (const double digit : digits) candidates.push_back(decimal(digit, exponent));
  }
  constexpr double kTolerance = 1e-9;
  const auto begin = std::upper_bound(candidates.begin(), candidates.end(), min * (1 + kTolerance)) - 1;
  const auto end = std::lower_bound(candidates.begin(), candidates.end(), max * (1 - kTolerance)) + 1;
  if (end - begin > max_count) return {};
  return {begin, std::max(end, begin + 2)};
}

}  // namespace

std::vector<double> linear_ticks(double min, double max, int max_count) {
  if (is_almost_one_value(min, max)) std::tie(min, max) = room_about(min);
  for (int exponent = static_cast<int>(std::floor(std::log10((max - min) / max_count)));; ++exponent) {
    for (const double digit : {1.0, 2.0, 5.0}) {
      std::vector<double> ticks = multiples(min, max, digit, exponent, max_count);
      if (!ticks.empty()) return ticks;
    }
  }
}

std::vector<double> log_ticks(double min, double max, int max_count) {
  constexpr double kNarrow = 3;
  std::vector<double> ticks;
  if (max / min < kNarrow) ticks = linear_ticks(min, max, max_count);
  if (!ticks.empty() && ticks.front() > 0) return ticks;
  ticks = powers(min, max, {1.0, 2.0, 5.0}, 1, max_count);
  for (int stride = 1; ticks.empty(); ++stride) ticks = powers(min, max, {1.0}, stride, max_count);
  return ticks;
}

ChartAxis ChartAxis::close(double min, double max, int max_ticks) {
  constexpr double kSmallGap = 0.04;
  if (is_almost_one_value(min, max)) std::tie(min, max) = room_about(min);
  std::vector<double> ticks = linear_ticks(min, max, max_ticks);
  const double gap = kSmallGap * (max - min);
  if (ticks.front() < min - gap) {
    ticks.erase(ticks.begin());
  } else {
    min = std::min(min, ticks.front());
  }
  if (ticks.back() > max + gap) {
    ticks.pop_back();
  } else {
    max = std::max(max, ticks.back());
  }
  return ChartAxis{min, max, false, std::move(ticks)};
}

ChartAxis ChartAxis::rounded(double min, double max, int max_ticks, bool is_logarithmic) {
  std::vector<double> ticks =
      is_logarithmic ? log_ticks(min, max, max_ticks) : linear_ticks(min, max, max_ticks);
  const double first = ticks.front();
  const double last = ticks.back();
  return ChartAxis{first, last, is_logarithmic, std::move(ticks)};
}

double ChartAxis::position(double value) const {
  if (is_logarithmic) return std::log(value / min) / std::log(max / min);
  return (value - min) / (max - min);
}

std::string tick_text(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size >= 1e12 || size < 1e-4) {
    std::string text = fmt::format("{:.6g}", value);
    // The exponent without its leading zero and plus sign: 1e-5, 1e12.
    const auto digits = text.find('e') + 1;
    if (digits != 0 && text[digits] == '+') text.erase(digits, 1);
    const auto zero = text.find_first_not_of('-', digits);
    if (digits != 0 && text[zero] == '0') text.erase(zero, 1);
    return text;
  }
  struct Unit {
    double size;
    const char* suffix;
  };
  // Thousands are written out up to 9999.
  static constexpr std::array<Unit, 3> kUnits = {{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
  for (const Unit& unit : kUnits) {
    if (size >= unit.size && size >= 1e4) return fmt::format("{:.10g}{}", value / unit.size, unit.suffix);
  }
  return fmt::format("{:.10g}", value);
}

}  // namespace tha4
