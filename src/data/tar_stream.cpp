#include "tar_stream.h"

#include <algorithm>
#include <cerrno>
#include <span>

#include <archive.h>
#include <archive_entry.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr std::size_t kBufferSize = 64 << 10;

bool is_plain_file(archive_entry* entry) {
  return archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr &&
         archive_entry_symlink(entry) == nullptr && archive_entry_sparse_count(entry) == 0;
}

std::string name_of(archive_entry* entry) {
  // Null where the name cannot be told in the character set of the locale.
  const char* const name = archive_entry_pathname(entry);
  return name != nullptr ? name : "";
}

}  // namespace

TarStream::TarStream(const InputFile& file, std::uint64_t offset)
    : file_(file),
      begin_(offset),
      at_(offset),
      buffer_(kBufferSize),
      archive_(archive_read_new(), archive_read_free) {
  if (!archive_) throw std::bad_alloc();
  archive_read_support_format_tar(archive_.get());
  archive_read_set_callback_data(archive_.get(), this);
  archive_read_set_read_callback(archive_.get(), [](archive*, void* stream, const void** bytes) {
    return static_cast<la_ssize_t>(static_cast<TarStream*>(stream)->read(bytes));
  });
  archive_read_set_skip_callback(archive_.get(), [](archive*, void* stream, la_int64_t request) {
    return static_cast<la_int64_t>(static_cast<TarStream*>(stream)->skip(request));
  });
  if (archive_read_open1(archive_.get()) != ARCHIVE_OK) fail();
}

std::optional<TarMember> TarStream::next() {
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(archive_.get(), &entry);
  if (status == ARCHIVE_EOF) return std::nullopt;
  if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail();
  const auto size = archive_entry_size(entry);
  const auto header = begin_ + static_cast<std::uint64_t>(archive_read_header_position(archive_.get()));
  if (size < 0 || header > file_.size() || static_cast<std::uint64_t>(size) > file_.size() - header) {
    throw InputError("the member '" + name_of(entry) + "' claims more bytes than the file has");
  }
  return TarMember{name_of(entry), static_cast<std::uint64_t>(size), header, is_plain_file(entry)};
}

std::string TarStream::content(const TarMember& member) {
  std::string bytes(member.size, '\0');
  std::size_t count = 0;
  while (count < bytes.size()) {
    const auto more = archive_read_data(archive_.get(), bytes.data() + count, bytes.size() - count);
    if (more <= 0) fail();
    count += static_cast<std::size_t>(more);
  }
  return bytes;
}

void TarStream::fail() const {
  if (read_failed_) throw InputError("it cannot be read from the disk");
  throw InputError("the tar is damaged or cut off");
}

std::ptrdiff_t TarStream::read(const void** bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), file_.size() - at_));
  try {
    file_.read(at_, std::as_writable_bytes(std::span(buffer_.data(), count)));
  } catch (const InputError&) {
    read_failed_ = true;
    archive_set_error(archive_.get(), EIO, "read failed");
    return -1;
  }
  at_ += count;
  *bytes = buffer_.data();
  return static_cast<std::ptrdiff_t>(count);
}

std::int64_t TarStream::skip(std::int64_t request) {
  const auto count =
      std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(request, 0)), file_.size() - at_);
  at_ += count;
  return static_cast<std::int64_t>(count);
}

}  // namespace tha4
