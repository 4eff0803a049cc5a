#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace tha4 {

/// A file that is read piece by piece, each piece straight to where it is needed. Nothing in it is believed.
class InputFile {
 public:
  /// Throws InputError when \p path is not a regular file that can be read.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }

  /// Fills \p into from \p offset on; throws InputError when the file ends before.
  void read(std::uint64_t offset, std::span<std::byte> into) const;

  /// Throws InputError "NAME: problem".
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  std::string name_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace tha4
