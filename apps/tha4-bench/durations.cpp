#include "durations.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace tha4::app {

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(std::span<const double> values, double fraction) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil(fraction * static_cast<double>(sorted.size()))) - 1;
  const auto place = sorted.begin() + std::clamp<std::ptrdiff_t>(rank, 0, std::ssize(sorted) - 1);
  std::nth_element(sorted.begin(), place, sorted.end());
  return *place;
}

}  // namespace tha4::app
