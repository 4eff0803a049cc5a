#pragma once

namespace tha4 {

/// How a one-euro filter smooths.
struct OneEuroSettings {
  float min_cutoff;    ///< of what stands still, in Hz
  float speed_factor;  ///< by what a change of 1 a second raises the cutoff, in Hz
  float still_speed;   ///< changes a second that are taken for noise and raise nothing
};

/// A one-euro filter, which begins at 0 (Casiez, Roussel and Vogel, "1€ Filter", 2012): a low-pass filter
/// that lets the more through, the faster a value changes.
class OneEuroFilter {
 public:
  /// The value after \p value, \p seconds after the one before.
  float next(float value, float seconds, const OneEuroSettings& settings);

  /// The value goes on from \p value.
  void set(float value);

 private:
  float value_ = 0, raw_ = 0, speed_ = 0;
};

}  // namespace tha4
