#include "run_times.h"

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/base/json_text.h"

namespace tha4 {

RunTimes::RunTimes(std::filesystem::path file, bool goes_on) : file_(std::move(file)) {
  if (!goes_on || !std::filesystem::exists(file_)) return;
  try {
    seconds_ = read_json_file(file_).get<std::map<std::string, double>>();
  } catch (const std::exception&) {
    // Only times are lost.
  }
}

void RunTimes::begin(const std::string& part) {
  if (!part_.empty()) end();
  part_ = part;
  taken_ = written_ = Clock::now();
}

void RunTimes::end() {
  take();
  part_.clear();
  write();
}

void RunTimes::add(const std::string& part, double seconds) {
  seconds_[part] += seconds;
  write();
}

void RunTimes::keep() {
  constexpr auto kWriteInterval = std::chrono::seconds(5);
  take();
  if (part_.empty() || Clock::now() - written_ < kWriteInterval) return;
  write();
  written_ = Clock::now();
}

double RunTimes::of(const std::string& part) const {
  const auto found = seconds_.find(part);
  return found == seconds_.end() ? 0 : found->second;
}

double RunTimes::in_all() const {
  double sum = 0;
  for (const auto& [part, seconds] : seconds_) sum += seconds;
  return sum;
}

void RunTimes::take() {
  if (part_.empty()) return;
  const auto now = Clock::now();
  seconds_[part_] += std::chrono::duration<double>(now - taken_).count();
  taken_ = now;
}

void RunTimes::write() const {
  if (file_.empty()) return;
  try {
    write_text_file(file_, json_text(nlohmann::json(seconds_)) + "\n");
  } catch (const Error&) {
    // Progress reports must not throw; a disk that is full stops the run where it saves its work.
  }
}

}  // namespace tha4
