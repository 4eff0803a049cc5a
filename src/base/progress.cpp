#include "tha4/base/progress.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

namespace tha4 {
namespace {

std::atomic<bool> progress_visible = true;

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

}  // namespace

void set_progress_visible(bool visible) {
  progress_visible = visible;
}

Progress::Progress(std::string what, std::int64_t total, std::string unit)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      on_terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  finish();
}

void Progress::update(std::int64_t done, std::string_view note) {
  const auto now = Clock::now();
  if (first_ < 0) {
    first_ = done;
    start_ = now;
    last_shown_ = on_terminal_ ? Clock::time_point{} : now;
  }
  is_shown_ = is_shown_ && done == done_ && note == note_;
  done_ = done;
  note_ = note;
  const auto pause = on_terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000);
  if (now - last_shown_ >= pause) show(now);
}

void Progress::finish() {
  if (std::exchange(finished_, true) || first_ < 0) return;
  if (on_terminal_ || !is_shown_) show(Clock::now());
  if (on_terminal_ && progress_visible) std::fputc('\n', stderr);
}

void Progress::show(Clock::time_point now) {
  last_shown_ = now;
  is_shown_ = true;
  if (!progress_visible) return;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double rate = elapsed > 0 ? static_cast<double>(done_ - first_) / elapsed : 0;
  std::string line = fmt::format("{}: {}/{} {}, {:.3g} {}/s", what_, done_, total_, unit_, rate, unit_);
  if (done_ >= total_) {
    line += ", took " + duration_text(elapsed);
  } else if (rate > 0) {
    line += ", " + duration_text(static_cast<double>(total_ - done_) / rate) + " left";
  }
  if (!note_.empty()) line += ", " + note_;
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
