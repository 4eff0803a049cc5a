#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tha4/base/input_file.h"

namespace tha4 {

/// A file inside a zip archive.
struct ZipEntry {
  std::string name;
  bool deflated = false;
  std::uint32_t crc32 = 0;  ///< 0 where the writer did not compute it
  std::uint64_t compressed_size = 0;
  std::uint64_t size = 0;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
};

/// The entries of a zip archive, zip64 included. The constructor checks the whole directory against the file:
/// every entry lies inside it, none overlaps another, and local headers agree with the directory; so the
/// sizes of stored entries add up to no more than the file's. Throws InputError.
class ZipReader {
 public:
  /// \p file must outlive the reader.
  explicit ZipReader(const InputFile& file);

  const std::vector<ZipEntry>& entries() const { return entries_; }

  /// The entry called \p name, or nullptr.
  const ZipEntry* find(std::string_view name) const;

  /// The content of an entry of at most \p limit bytes, stored or deflated. Throws InputError when it is
  /// larger or damaged.
  std::vector<std::byte> read_small(const ZipEntry& entry, std::size_t limit) const;

  /// Throws InputError when \p entry claims to be larger than what is in the file can be.
  void check_size(const ZipEntry& entry) const;

  /// Reads an entry, stored or deflated, to \p into, which is as large as the entry. Throws InputError when
  /// it is damaged.
  void read(const ZipEntry& entry, std::span<std::byte> into) const;

 private:
  void read_stored(const ZipEntry& entry, std::span<std::byte> into) const;
  void read_deflated(const ZipEntry& entry, std::span<std::byte> into) const;
  void check_local_header(ZipEntry& entry) const;
  void check_overlaps(std::uint64_t directory_offset) const;

  const InputFile& file_;
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string_view, const ZipEntry*> by_name_;
};

}  // namespace tha4
