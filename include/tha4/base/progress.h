#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tha4/base/context.h"

namespace tha4 {

/// Tells a context how far one piece of long work has come, from its first update() until it is finished or
/// left.
class Progress {
 public:
  /// \param context  must outlive this
  /// \param what     what is being done, for example "teacher's frames"
  /// \param unit     what is counted, in the plural, for example "frames"
  Progress(const Context& context, std::string what, std::int64_t total, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// The work ends by then, whatever is done.
  void end_by(std::chrono::steady_clock::time_point end) { end_ = end; }

  /// \param done  how many of the total are done by now; the first call says how many had been done before
  /// \param note  how it goes, for example the current loss
  void update(std::int64_t done, std::string_view note = {});

  /// Tells that the work is over. Called by the destructor if it was not called before.
  void finish();

 private:
  void report(bool is_over) const;

  const Context& context_;
  std::string what_;
  std::string unit_;
  std::string note_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  std::optional<std::chrono::steady_clock::time_point> end_;
  bool is_running_ = false;
};

}  // namespace tha4
