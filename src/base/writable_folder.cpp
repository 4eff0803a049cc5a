#include "tha4/base/writable_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Removes a file or an empty folder when it goes out of scope.
struct Removal {
  fs::path path;
  ~Removal() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

/// The nearest folder above \p folder that is there, or itself; or what stands in its way.
fs::path existing_above(const fs::path& folder) {
  std::error_code ignored;  // of what is not there
  fs::path above = fs::weakly_canonical(fs::absolute(folder), ignored);
  if (above.empty()) above = fs::absolute(folder).lexically_normal();
  if (!above.has_filename()) above = above.parent_path();
  while (!fs::exists(fs::symlink_status(above, ignored)) && above.has_relative_path()) {
    above = above.parent_path();
  }
  return above;
}

[[noreturn]] void throw_unwritable(const fs::path& named) {
  throw Error("cannot write " + named.string() + ": no file can be made there (" +
              std::generic_category().message(errno) + ")");
}

/// Writes a little into a new file in \p folder and removes it.
/// \param named  what the user named
void try_file_in(const fs::path& folder, const fs::path& named) {
  std::string name = (folder / ".try-XXXXXX").string();
  const int tried = ::mkostemp(name.data(), O_CLOEXEC);
  if (tried < 0) throw_unwritable(named);
  const Removal file{name};
  constexpr std::array<char, 4096> kPage{};  // for which a full disk has no room
  const bool is_written = ::write(tried, kPage.data(), kPage.size()) >= 0;
  const int reason = errno;
  ::close(tried);
  errno = reason;
  if (!is_written) throw_unwritable(named);
}

/// Whether the names of \p path are not longer than file systems have them.
bool fits(const fs::path& path) {
  constexpr std::size_t kLongestName = 255;
  return std::all_of(path.begin(), path.end(),
                     [](const fs::path& name) { return name.native().size() <= kLongestName; });
}

}  // namespace

void check_folder_writable(const fs::path& folder, const fs::path& named) {
  std::error_code ignored;  // of what is not there
  const fs::path above = existing_above(folder);
  if (!fs::is_directory(above, ignored)) {
    throw Error("cannot write " + named.string() + ": " + above.string() + " is a file, not a folder");
  }
  if (!fits(folder)) throw Error("cannot write " + named.string() + ": one of its names is too long");
  if (fs::is_directory(folder, ignored)) return try_file_in(folder, named);
  // Under a name of its own: processes that work together look at the same time.
  std::string name = (above / ".try-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw_unwritable(named);
  const Removal made{name};
  try_file_in(made.path, named);
}

}  // namespace tha4
