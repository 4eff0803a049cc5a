#pragma once

#include <string>
#include <vector>

namespace tha4 {

/// One axis of a chart: what it spans, and where its ticks are.
struct ChartAxis {
  double min = 0;
  double max = 1;
  bool is_logarithmic = false;
  std::vector<double> ticks;

  /// Spans the given range, or a little more to end at a tick; where the range is a single value, some room
  /// about it.
  static ChartAxis close(double min, double max, int max_ticks);

  /// Spans the given range rounded outwards to ticks.
  static ChartAxis rounded(double min, double max, int max_ticks, bool is_logarithmic);

  /// Where \p value lies between the ends of the axis, from 0 to 1.
  double position(double value) const;
};

/// A tick's label, such as "0.05", "1e-6" or "1.5M".
std::string tick_text(double value);

}  // namespace tha4
