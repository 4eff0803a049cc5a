#pragma once

#include <limits>
#include <span>
#include <string>

namespace tha4 {

/// What a metric is called, and how it is read.
struct MetricDescription {
  std::string key;    ///< in files, for example "network_psnr"
  std::string label;  ///< for people, for example "network PSNR (dB)"
  bool higher_is_better = true;
  int decimals = 4;                                              ///< that are worth showing
  double max_in_mean = std::numeric_limits<double>::infinity();  ///< see mean_score()
};

/// The mean of what a metric gave of several images, each of which counts as \p max_in_mean at most: one that
/// is exact would hide all others. Infinite where all are, NaN where one is or there are none.
double mean_score(std::span<const double> scores, double max_in_mean);

}  // namespace tha4
