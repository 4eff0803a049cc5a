#include "progress_line.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tha4/base/duration_text.h"

namespace tha4 {
namespace {

/// What is counted where work tells how far it is by itself; the total is then all of it.
constexpr const char* kPercent = "%";

/// \p line as far as the terminal is wide: what wraps cannot be taken back.
std::string fitted_to_terminal(std::string line) {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return line;
  return line.substr(0, size.ws_col - 1U);
}

}  // namespace

ProgressLine::ProgressLine() : on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(const ProgressReport& report) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (!is_running_) begin(report, now);
  is_shown_ = is_shown_ && report.done == done_ && report.note == note_;
  done_ = report.done;
  note_ = report.note;
  const auto pause = on_terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000);
  if (report.is_over ? on_terminal_ || !is_shown_ : now - last_shown_ >= pause) write(report, now);
  if (!report.is_over) return;
  if (on_terminal_) std::fputc('\n', stderr);
  is_running_ = false;
}

void ProgressLine::make_way() {
  const std::lock_guard lock(mutex_);
  if (!on_terminal_ || !is_running_ || width_ == 0) return;
  std::fputs(fmt::format("\r{:{}}\r", "", width_).c_str(), stderr);
  width_ = 0;
  last_shown_ = {};
}

void ProgressLine::begin(const ProgressReport& report, Clock::time_point now) {
  is_running_ = true;
  is_shown_ = false;
  first_ = report.done;
  width_ = 0;
  start_ = now;
  last_shown_ = on_terminal_ ? Clock::time_point{} : now;
}

void ProgressLine::write(const ProgressReport& report, Clock::time_point now) {
  last_shown_ = now;
  is_shown_ = true;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  std::string line = report.unit == kPercent ? percent_text(report, elapsed) : text_of(report, elapsed);
  if (on_terminal_) line = fitted_to_terminal(std::move(line));
  const std::size_t padding = width_ > line.size() ? width_ - line.size() : 0;
  width_ = line.size();
  if (on_terminal_) {
    std::fputs(fmt::format("\r{}{:{}}", line, "", padding).c_str(), stderr);
  } else {
    std::fputs((line + "\n").c_str(), stderr);
  }
  std::fflush(stderr);
}

std::string ProgressLine::text_of(const ProgressReport& report, double elapsed) const {
  const double rate = elapsed > 0 ? static_cast<double>(report.done - first_) / elapsed : 0;
  std::string line = fmt::format("{}: {}/{} {}, {:.3g} {}/s", report.what, report.done, report.total,
                                 report.unit, rate, report.unit);
  if (report.done >= report.total) {
    line += ", took " + duration_text(elapsed);
  } else if (rate > 0) {
    const double seconds_left = static_cast<double>(report.total - report.done) / rate;
    line +=
        ", " + duration_text(std::min(seconds_left, report.seconds_left.value_or(seconds_left))) + " left";
  }
  if (!report.note.empty()) line += fmt::format(", {}", report.note);
  return line;
}

std::string ProgressLine::percent_text(const ProgressReport& report, double elapsed) {
  const std::string note =
      report.done >= report.total ? "took " + duration_text(elapsed) : std::string(report.note);
  return fmt::format("{}: {} %{}{}", report.what, 100 * report.done / std::max<std::int64_t>(report.total, 1),
                     note.empty() ? "" : ", ", note);
}

}  // namespace tha4
