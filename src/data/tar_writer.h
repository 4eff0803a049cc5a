#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct archive;

namespace tha4 {

/// Writes a tar file that depends on its content alone: no times, owners or numbers of the machine.
class TarWriter {
 public:
  /// \param name  stands for the file in messages. Throws Error if it cannot be written.
  TarWriter(const std::filesystem::path& file, std::string name);

  /// Appends a regular file, whose name \p member has at most 100 characters.
  void add(const std::string& member, std::string_view bytes);

  /// Writes the end and closes the file.
  void finish();

 private:
  void check(int status) const;

  std::string name_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

}  // namespace tha4
