#pragma once

#include <filesystem>
#include <memory>

#include "tha4/base/context.h"

namespace tha4 {

/// The log of one run: what is logged by its context goes to the caller's logger and, from write_to() on,
/// into a file as well. Where this ends, so does the file, whoever still has a copy of the context; what
/// other runs of the process log never goes there.
class RunLog {
 public:
  /// Where \p outer logs nothing, the file takes info and worse, else what that takes.
  explicit RunLog(const Context& outer);
  ~RunLog();
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  /// As the caller's, with the logger of the run.
  const Context& context() const { return context_; }

  /// Appends to \p file what is logged from now on. Throws Error if it cannot be opened.
  void write_to(const std::filesystem::path& file);

 private:
  class Files;

  std::shared_ptr<Files> files_;
  Context context_;
};

}  // namespace tha4
