#include "tha4/base/atomic_file.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tha4/base/error.h"
#include "tha4/base/writable_folder.h"

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

/// Throws where \p file is no file that another may take the place of: who may write to /dev would replace
/// /dev/stdout, or a disk, by a file of that name.
void refuse_devices(const fs::path& file) {
  std::error_code failure;  // of what is not there
  const fs::file_status status = fs::status(file, failure);
  const fs::path folder = fs::weakly_canonical(file.has_parent_path() ? file.parent_path() : ".", failure);
  const bool is_file = !fs::exists(status) || fs::is_regular_file(status) || fs::is_directory(status);
  if (is_file && folder != "/dev" && !folder.string().starts_with("/proc/")) return;
  throw InputError("cannot write " + file.string() + ": it is a device or a pipe; name a file");
}

/// Closes a file descriptor when it goes out of scope.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

/// Throws where \p file is there and no other can take its place: a file that is mounted by itself, as
/// containers have it, or that nobody may change.
void refuse_fixed(const fs::path& file) {
  struct statx status {};
  if (::statx(AT_FDCWD, file.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) != 0) return;
  const auto attributes = status.stx_attributes & status.stx_attributes_mask;
  if ((attributes & STATX_ATTR_MOUNT_ROOT) != 0) {
    throw Error("cannot write " + file.string() +
                ": it is a mount of its own and cannot be replaced; name a file in a mounted folder");
  }
  if ((attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0) {
    throw Error("cannot write " + file.string() + ": it is protected from changes (lsattr shows it)");
  }
}

/// All that comes out of a pipe, such as a shell's <(...). One into which nobody writes is not waited for.
std::string read_pipe(const fs::path& file, std::size_t largest_size) {
  constexpr int kPatience = 10'000;  // milliseconds, until the first byte
  const Descriptor pipe{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (pipe.number < 0) {
    throw InputError("cannot read " + file.string() + ": " + std::generic_category().message(errno));
  }
  std::string text;
  std::array<char, 1 << 16> piece;
  while (true) {
    pollfd waiting{pipe.number, POLLIN, 0};
    if (::poll(&waiting, 1, text.empty() ? kPatience : -1) == 0) {
      throw InputError("cannot read " + file.string() + ": it is a pipe into which nothing is written");
    }
    const ssize_t count = ::read(pipe.number, piece.data(), piece.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) {
      throw InputError("cannot read " + file.string() + ": " + std::generic_category().message(errno));
    }
    if (count == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > largest_size) {
      throw InputError(file.string() + " gives more than the " + std::to_string(largest_size) +
                       " bytes that are expected of such a file");
    }
  }
}

}  // namespace

void write_file_atomically(const fs::path& file,
                           const std::function<void(const fs::path& temporary)>& write) {
  refuse_devices(file);
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
  std::error_code ignored;  // of what is not there
  if (fs::is_directory(file, ignored)) throw Error("cannot write " + file.string() + ": it is a folder");
  refuse_devices(file);
  refuse_fixed(file);
  check_folder_writable(file.has_parent_path() ? file.parent_path() : ".", file);
  constexpr std::size_t kLongestName = 255;
  if (temporary_name(file, "").native().size() > kLongestName) {
    throw Error("cannot write " + file.string() + ": its name is too long");
  }
}

std::string read_text_file(const fs::path& file, std::size_t largest_size) {
  std::error_code failure;
  if (fs::is_fifo(file, failure)) return read_pipe(file, largest_size);
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
