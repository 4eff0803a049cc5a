#include "tha4/metrics/metric_description.h"

#include <algorithm>
#include <cmath>

namespace tha4 {

double mean_score(std::span<const double> scores, double max_in_mean) {
  if (scores.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto is_infinite = [](double score) { return std::isinf(score) && score > 0; };
  if (std::all_of(scores.begin(), scores.end(), is_infinite)) return scores.front();
  double sum = 0;
  for (const double score : scores) sum += std::min(score, max_in_mean);
  return sum / static_cast<double>(scores.size());
}

}  // namespace tha4
