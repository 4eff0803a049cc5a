#include "progress_line.h"

#include <cmath>
#include <cstdio>

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

namespace tha4 {
namespace {

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

}  // namespace

ProgressLine::ProgressLine() : on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(const ProgressReport& report) {
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
  const double rate = elapsed > 0 ? static_cast<double>(report.done - first_) / elapsed : 0;
  std::string line = fmt::format("{}: {}/{} {}, {:.3g} {}/s", report.what, report.done, report.total,
                                 report.unit, rate, report.unit);
  if (report.done >= report.total) {
    line += ", took " + duration_text(elapsed);
  } else if (rate > 0) {
    line += ", " + duration_text(static_cast<double>(report.total - report.done) / rate) + " left";
  }
  if (!report.note.empty()) line += fmt::format(", {}", report.note);
  const std::size_t padding = width_ > line.size() ? width_ - line.size() : 0;
  width_ = line.size();
  if (on_terminal_) {
    std::fputs(fmt::format("\r{}{:{}}", line, "", padding).c_str(), stderr);
  } else {
    std::fputs((line + "\n").c_str(), stderr);
  }
  std::fflush(stderr);
}

}  // namespace tha4
