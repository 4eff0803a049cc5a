#pragma once

#include <functional>
#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <nlohmann/json_fwd.hpp>

namespace tha4 {

/// What is measured, and how often.
struct FrameTiming {
  int batch = 1;      ///< frames of a call
  int frames = 1000;  ///< that are measured, rounded up to whole calls
  int warm_up = 10;   ///< calls beforehand that are not measured
};

/// The times of one thing that makes frames.
struct FrameTimes {
  std::string what;
  int batch = 1;
  std::vector<double> seconds;  ///< of each call

  double mean_ms() const;  ///< of a frame
  double median_ms() const;
  double p99_ms() const;
  double frames_per_second() const;
};

/// Calls \p make_batch for the numbers of its calls, 0, 1, ...; each is timed until \p device has finished.
FrameTimes measure_frames(const std::string& what, const FrameTiming& timing, c10::Device device,
                          const std::function<void(int)>& make_batch);

/// The times as lines of a table, under its heading.
std::string to_table(const std::vector<FrameTimes>& times);

/// One object for each of the times.
nlohmann::json to_json(const std::vector<FrameTimes>& times);

}  // namespace tha4
