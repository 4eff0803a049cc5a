#pragma once

#include <filesystem>

namespace tha4::app {

/// A folder for what is of no use afterwards, which lives as long as this.
class TemporaryFolder {
 public:
  /// Throws InputError where none can be made.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tha4::app
