#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "output_file.h"

namespace tha4 {

/// Writes a zip archive of stored entries, from front to back. The data of every entry starts at a multiple
/// of 64 bytes of the file, as in the archives of torch.save.
class ZipWriter {
 public:
  /// `automatic` uses the 64-bit records where a number needs them, `always` everywhere.
  enum class Zip64 { automatic, always };

  explicit ZipWriter(OutputFile& file, Zip64 zip64 = Zip64::automatic) : file_(file), zip64_(zip64) {}

  void add(const std::string& name, std::span<const std::byte> content);

  /// Writes the directory. Call it once, after the last entry.
  void finish();

 private:
  bool needs_zip64(std::uint64_t number) const;

  OutputFile& file_;
  Zip64 zip64_;
  std::string directory_;
  std::uint64_t entries_ = 0;
};

}  // namespace tha4
