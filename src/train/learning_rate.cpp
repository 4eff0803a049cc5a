#include "tha4/train/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tha4 {

double learning_rate_at(std::span<const LearningRateStep> steps, std::int64_t examples_seen) {
  for (const LearningRateStep& step : steps) {
    if (examples_seen < step.until_examples) return step.value;
  }
  return steps.back().value;
}

double CosineLearningRate::at(std::int64_t examples_seen, std::int64_t total_examples) const {
  const auto seen = static_cast<double>(examples_seen);
  const double rise =
      warm_up_examples > 0 ? std::min(1.0, (seen + 1) / static_cast<double>(warm_up_examples)) : 1.0;
  const double fall = 0.5 + 0.5 * std::cos(std::numbers::pi * seen / static_cast<double>(total_examples));
  return value * rise * fall;
}

}  // namespace tha4
