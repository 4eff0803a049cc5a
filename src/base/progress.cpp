#include "tha4/base/progress.h"

#include <algorithm>
#include <utility>

namespace tha4 {

Progress::Progress(const Context& context, std::string what, std::int64_t total, std::string unit)
    : context_(context), what_(std::move(what)), unit_(std::move(unit)), total_(total) {}

Progress::~Progress() {
  finish();
}

void Progress::update(std::int64_t done, std::string_view note) {
  is_running_ = true;
  done_ = done;
  note_ = note;
  report(false);
}

void Progress::finish() {
  if (std::exchange(is_running_, false)) report(true);
}

void Progress::report(bool is_over) const {
  if (!context_.progress) return;
  std::optional<double> seconds_left;
  if (end_) {
    const std::chrono::duration<double> left = *end_ - std::chrono::steady_clock::now();
    seconds_left = std::max(left.count(), 0.0);
  }
  context_.progress({.what = what_,
                     .done = done_,
                     .total = total_,
                     .unit = unit_,
                     .note = note_,
                     .seconds_left = seconds_left,
                     .is_over = is_over});
}

}  // namespace tha4
