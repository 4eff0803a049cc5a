#include "frame_times.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/base/interrupt.h"
#include "tha4/base/progress.h"

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

FrameTimes measure_frames(const std::string& what, const FrameTiming& timing, c10::Device device,
                          const std::function<void(int)>& make_batch) {
  using Clock = std::chrono::steady_clock;
  const int calls = (timing.frames + timing.batch - 1) / timing.batch;
  FrameTimes times{what, timing.batch, {}};
  Progress progress(what, static_cast<std::int64_t>(calls) * timing.batch, "frames");
  for (int call = -timing.warm_up; call < calls; ++call) {
    if (interrupt_requested()) {
      progress.finish();
      throw InterruptedError("interrupted while measuring: " + what);
    }
    const auto start = Clock::now();
    make_batch(call + timing.warm_up);
    synchronize(device);
    if (call < 0) continue;
    times.seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    progress.update(static_cast<std::int64_t>(call + 1) * timing.batch);
  }
  return times;
}

std::string to_table(const std::vector<FrameTimes>& times) {
  std::string table = fmt::format("{:<28} {:>6} {:>10} {:>10} {:>10} {:>10}\n", "", "batch", "mean ms",
                                  "median ms", "p99 ms", "frames/s");
  for (const FrameTimes& row : times) {
    table += fmt::format("{:<28} {:>6} {:>10.2f} {:>10.2f} {:>10.2f} {:>10.1f}\n", row.what, row.batch,
                         row.mean_ms(), row.median_ms(), row.p99_ms(), row.frames_per_second());
  }
  return table;
}

nlohmann::json to_json(const std::vector<FrameTimes>& times) {
  nlohmann::json rows = nlohmann::json::array();
  for (const FrameTimes& row : times) {
    rows.push_back({{"what", row.what},
                    {"batch", row.batch},
                    {"calls", row.seconds.size()},
                    {"mean_ms", row.mean_ms()},
                    {"median_ms", row.median_ms()},
                    {"p99_ms", row.p99_ms()},
                    {"frames_per_second", row.frames_per_second()}});
  }
  return rows;
}

}  // namespace tha4
