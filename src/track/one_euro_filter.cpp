#include "one_euro_filter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tha4 {
namespace {

constexpr float kSpeedCutoff = 1;  ///< Hz

/// What fraction of a new value a low-pass filter takes.
float fraction_of(float cutoff, float seconds) {
  const float time = 1 / (2 * std::numbers::pi_v<float> * cutoff);
  return seconds / (seconds + time);
}

}  // namespace

float OneEuroFilter::next(float value, float seconds, const OneEuroSettings& settings) {
  if (!(seconds > 0)) return value_;
  speed_ += ((value - raw_) / seconds - speed_) * fraction_of(kSpeedCutoff, seconds);
  raw_ = value;
  const float cutoff =
      settings.min_cutoff + settings.speed_factor * std::max(std::abs(speed_) - settings.still_speed, 0.0F);
  value_ += (value - value_) * fraction_of(cutoff, seconds);
  return value_;
}

void OneEuroFilter::set(float value) {
  value_ = raw_ = value;
  speed_ = 0;
}

}  // namespace tha4
