#include "frame_times.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace tha4 {
namespace {

/// The value below which the share \p share of the calls lies, a frame, in milliseconds.
double quantile_ms(const FrameTimes& times, double share) {
  std::vector<double> sorted = times.seconds;
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(sorted.size()))) - 1;
  const auto place = sorted.begin() + std::clamp<std::ptrdiff_t>(rank, 0, std::ssize(sorted) - 1);
  std::nth_element(sorted.begin(), place, sorted.end());
  return *place * 1000 / times.batch;
}

}  // namespace

double FrameTimes::mean_ms() const {
  return std::accumulate(seconds.begin(), seconds.end(), 0.0) * 1000 /
         (static_cast<double>(seconds.size()) * batch);
}
double FrameTimes::median_ms() const {
  return quantile_ms(*this, 0.5);
}
double FrameTimes::p99_ms() const {
  return quantile_ms(*this, 0.99);
}
double FrameTimes::frames_per_second() const {
  return 1000 / mean_ms();
}

}  // namespace tha4
