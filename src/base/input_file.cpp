#include "tha4/base/input_file.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

/// The most that one system call is asked for; Linux moves no more than 2 GiB at a time.
constexpr std::size_t kMaxRead = std::size_t{1} << 30;

std::string error_text(int code) {
  return std::generic_category().message(code);
}

}  // namespace

InputFile::InputFile(const std::filesystem::path& path) : name_(path.string()) {
  // O_NONBLOCK: opening a pipe must not wait for its other end.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throw InputError("cannot read " + name_ + ": " + error_text(errno));
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw InputError("cannot read " + name_ + ": it is not a regular file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() {
  ::close(descriptor_);
}

void InputFile::read(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset > size_ || into.size() > size_ - offset) fail("the file ends too early; is it cut off?");
  while (!into.empty()) {
    const ssize_t count =
        ::pread(descriptor_, into.data(), std::min(into.size(), kMaxRead), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw InputError("cannot read " + name_ + ": " + error_text(errno));
    if (count == 0) fail("the file became shorter while it was read");
    offset += static_cast<std::uint64_t>(count);
    into = into.subspan(static_cast<std::size_t>(count));
  }
}

void InputFile::fail(const std::string& problem) const {
  throw InputError(name_ + ": " + problem);
}

}  // namespace tha4
