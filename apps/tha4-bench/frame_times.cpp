#include "frame_times.h"

#include "durations.h"

namespace tha4::app {

double FrameTimes::mean_ms() const {
  return mean(seconds) * 1000 / batch;
}
double FrameTimes::median_ms() const {
  return quantile(seconds, 0.5) * 1000 / batch;
}
double FrameTimes::p99_ms() const {
  return quantile(seconds, 0.99) * 1000 / batch;
}
double FrameTimes::frames_per_second() const {
  return 1000 / mean_ms();
}

}  // namespace tha4::app
