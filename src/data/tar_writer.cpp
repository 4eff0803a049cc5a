#include "tar_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include "tha4/base/error.h"

namespace tha4 {

TarWriter::TarWriter(const std::filesystem::path& file, std::string name)
    : name_(std::move(name)), archive_(archive_write_new(), archive_write_free) {
  if (!archive_) throw std::bad_alloc();
  check(archive_write_set_format_ustar(archive_.get()));
  check(archive_write_add_filter_none(archive_.get()));
  check(archive_write_open_filename(archive_.get(), file.c_str()));
}

void TarWriter::add(const std::string& member, std::string_view bytes) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                       archive_entry_free);
  if (!entry) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), member.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 0, 0);
  check(archive_write_header(archive_.get(), entry.get()));
  if (archive_write_data(archive_.get(), bytes.data(), bytes.size()) !=
      static_cast<la_ssize_t>(bytes.size())) {
    check(ARCHIVE_FATAL);
  }
}

void TarWriter::finish() {
  check(archive_write_close(archive_.get()));
}

void TarWriter::check(int status) const {
  if (status == ARCHIVE_OK) return;
  const char* const reason = archive_error_string(archive_.get());
  throw Error("cannot write " + name_ + ": " + (reason != nullptr ? reason : "unknown reason"));
}

}  // namespace tha4
