#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "tha4/base/context.h"

namespace tha4 {

/// The line on the standard error stream that shows how far long work has come, its rate and the time left;
/// see terminal_context(). One piece of work after the other.
class ProgressLine {
 public:
  ProgressLine();

  /// Of work that is counted in "%", of whatever total, the note says all but that; of other work, rate and
  /// time left are said as well.
  void show(const ProgressReport& report);

  /// Takes the line off the terminal, so that a message can stand there; it comes back with the next report.
  void make_way();

 private:
  using Clock = std::chrono::steady_clock;

  void begin(const ProgressReport& report, Clock::time_point now);
  void write(const ProgressReport& report, Clock::time_point now);
  std::string text_of(const ProgressReport& report, double elapsed) const;
  static std::string percent_text(const ProgressReport& report, double elapsed);

  std::mutex mutex_;  ///< messages come from any thread
  bool on_terminal_;
  bool is_running_ = false;
  bool is_shown_ = false;   ///< whether the last state was
  std::int64_t first_ = 0;  ///< done at the first report: the rate is that of what came after
  std::int64_t done_ = 0;
  std::string note_;
  std::size_t width_ = 0;
  Clock::time_point start_{};
  Clock::time_point last_shown_{};
};

}  // namespace tha4
