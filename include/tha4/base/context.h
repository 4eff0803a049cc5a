#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace tha4 {

/// How far a piece of long work has come. The texts live as long as the call that gives them.
struct ProgressReport {
  std::string_view what;  ///< what is being done, for example "teacher's frames"
  std::int64_t done = 0;  ///< of the total; more than 0 at first where earlier work is gone on with
  std::int64_t total = 0;
  std::string_view unit;                    ///< what is counted, in the plural, for example "frames"
  std::string_view note;                    ///< how it goes, for example the current loss; may be empty
  std::optional<double> seconds_left = {};  ///< of work that ends by the clock, whatever is done by then
  bool is_over = false;  ///< the last report of this piece of work, which need not have been finished
};

/// What long work tells of itself, and how it is asked to stop: the one argument by which a caller takes part
/// in it. Functions that take none tell nothing but short notes on one file or on the machine (what an avatar
/// lacks, on which GPU OpenGL draws), which go to spdlog's default logger.
///
/// A default-constructed context is silent and never stops. That of a program in a terminal is
/// terminal_context(), tha4/base/terminal.h. Copies tell the same listeners.
struct Context {
  /// Called by the thread that does the work, often: once a step. Must not throw.
  std::function<void(const ProgressReport& report)> progress = {};

  /// Where a stop is requested, long work saves what it has and throws InterruptedError soon.
  std::stop_token stop = {};

  /// Takes what is worth keeping of a run, from any thread. Null: nothing is said.
  std::shared_ptr<spdlog::logger> logger = {};

  void info(const std::string& text) const;
  void warn(const std::string& text) const;
};

}  // namespace tha4
