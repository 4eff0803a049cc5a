#pragma once

#include <vector>

namespace tha4::app {

/// How long calls took that each made a batch of frames.
struct FrameTimes {
  int batch = 1;
  std::vector<double> seconds;  ///< of each call

  /// All of a frame; of at least one call.
  double mean_ms() const;
  double median_ms() const;
  double p99_ms() const;
  double frames_per_second() const;
};

}  // namespace tha4::app
