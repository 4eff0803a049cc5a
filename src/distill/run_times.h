#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>

namespace tha4 {

/// How long each part of a run has taken, over all the processes that worked at it: the file seconds.json of
/// its folder, written every few seconds, so that a process that is killed leaves nearly all of its time.
class RunTimes {
 public:
  /// \p goes_on: with what earlier processes took, where their file is there.
  RunTimes(std::filesystem::path file, bool goes_on);

  /// Times that no file keeps.
  RunTimes() = default;

  /// The part that is being done from now on. Its time begins with that of earlier processes.
  void begin(const std::string& part);

  /// Ends the part and writes the file.
  void end();

  /// Adds what a part took before this was there.
  void add(const std::string& part, double seconds);

  /// Brings all times up to the present, and the file every few seconds. Where it cannot be written, nothing
  /// is said.
  void keep();

  /// Seconds of a part; 0 where there is none.
  double of(const std::string& part) const;

  /// Seconds of all parts, as of the last change.
  double in_all() const;

 private:
  using Clock = std::chrono::steady_clock;
  void take();
  void write() const;

  std::filesystem::path file_;
  std::map<std::string, double> seconds_;
  std::string part_;
  Clock::time_point taken_;
  Clock::time_point written_;
};

}  // namespace tha4
