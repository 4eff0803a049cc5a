#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tha4/base/input_file.h"

struct archive;

namespace tha4 {

/// What the header of a tar's member says.
struct TarMember {
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t header_offset = 0;  ///< in the file
  bool is_plain_file = false;       ///< neither a folder, a link, a device nor a file with holes
};

/// The members of an uncompressed tar file from some place on. Several may read the same file.
class TarStream {
 public:
  /// \param file    must outlive the stream
  /// \param offset  of a member's header
  TarStream(const InputFile& file, std::uint64_t offset);

  /// The next member, or nothing at the end. Throws InputError that says what is wrong with the tar, but not
  /// which it is.
  std::optional<TarMember> next();

  /// The content of the member that was given last. Throws InputError likewise.
  std::string content(const TarMember& member);

 private:
  [[noreturn]] void fail() const;
  std::ptrdiff_t read(const void** bytes);
  std::int64_t skip(std::int64_t request);

  const InputFile& file_;
  std::uint64_t begin_;
  std::uint64_t at_;
  bool read_failed_ = false;
  std::vector<char> buffer_;
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

}  // namespace tha4
