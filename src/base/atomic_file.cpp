#include "tha4/base/atomic_file.h"

#include <fstream>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

void sync_to_disk(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Removes a file when it goes out of scope, unless it was released.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const fs::path& path() const { return path_; }
  void release() { path_.clear(); }

 private:
  fs::path path_;
};

fs::path make_folder_of(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error("cannot create the folder " + folder.string() + ": " + failure.message());
  return folder;
}

fs::path temporary_name(const fs::path& file, const fs::path& folder) {
  return folder /
         ("." + file.stem().string() + ".tmp-" + std::to_string(::getpid()) + file.extension().string());
}

}  // namespace

void write_file_atomically(const fs::path& file,
                           const std::function<void(const fs::path& temporary)>& write) {
  const fs::path folder = make_folder_of(file);
  TemporaryFile temporary(temporary_name(file, folder));
  write(temporary.path());
  sync_to_disk(temporary.path());
  std::error_code failure;
  fs::rename(temporary.path(), file, failure);
  if (failure) throw Error("cannot write " + file.string() + ": " + failure.message());
  temporary.release();
  sync_to_disk(folder);
}

void write_text_file(const fs::path& file, std::string_view text) {
  write_file_atomically(file, [&](const fs::path& temporary) {
    std::ofstream stream(temporary, std::ios::binary);
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    stream.close();
    if (!stream)
      throw Error("cannot write " + file.string() + ": is the disk full, or the folder read-only?");
  });
}

void check_writable(const fs::path& file) {
  if (fs::is_directory(file)) throw Error("cannot write " + file.string() + ": it is a folder");
  const TemporaryFile temporary(temporary_name(file, make_folder_of(file)));
  if (!std::ofstream(temporary.path(), std::ios::binary)) {
    throw Error("cannot write " + file.string() + ": is the folder read-only?");
  }
}

std::string read_text_file(const fs::path& file, std::size_t largest_size) {
  std::error_code failure;
  const auto size = fs::file_size(file, failure);
  if (failure) throw InputError("cannot read " + file.string() + ": " + failure.message());
  if (size > largest_size) {
    throw InputError(file.string() + " has " + std::to_string(size) + " bytes; at most " +
                     std::to_string(largest_size) + " are expected of such a file");
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text(size, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(size))) {
    throw InputError("cannot read " + file.string());
  }
  return text;
}

}  // namespace tha4
