#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace tha4 {

/// A new file that is written from front to back. Throws Error when the disk is full and the like.
class OutputFile {
 public:
  /// \param path  what is written, replaced if it exists
  /// \param name  how errors call it: the final name, where `path` is a temporary one
  OutputFile(const std::filesystem::path& path, std::string name);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Number of bytes written so far.
  std::uint64_t position() const { return position_; }

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  /// Reports what the system only finds out at the end. Call it last.
  void close();

 private:
  [[noreturn]] void fail() const;

  std::string name_;
  int descriptor_ = -1;
  std::uint64_t position_ = 0;
};

}  // namespace tha4
