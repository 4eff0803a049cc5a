#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tha4 {

/// Turns all progress lines of the process off (the commands' `-q`).
void set_progress_visible(bool visible);

/// One line on the standard error stream that shows how far long work has come, its rate and the time left.
/// On a terminal the line is rewritten in place several times a second; elsewhere a plain line is written
/// every ten seconds and at the end.
class Progress {
 public:
  /// \param what  what is being done, for example "teacher frames"
  /// \param unit  what is counted, in the plural, for example "frames"
  Progress(std::string what, std::int64_t total, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// \param done  how many of the total are done by now; the rate is counted from the first call, so that
  /// resumed
  ///              work shows its true rate
  /// \param note  shown at the end of the line, for example the current loss
  void update(std::int64_t done, std::string_view note = {});

  /// Shows the final state and ends the line. Called by the destructor if it was not called before.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  void show(Clock::time_point now);

  std::string what_;
  std::string unit_;
  std::string note_;
  std::int64_t total_;
  std::int64_t first_ = -1;
  std::int64_t done_ = 0;
  bool on_terminal_;
  bool finished_ = false;
  bool is_shown_ = false;  ///< whether the last state was
  std::size_t width_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_shown_{};
};

}  // namespace tha4
