#include "tha4/base/project_files.h"

namespace tha4 {

namespace fs = std::filesystem;

std::array<fs::path, 2> project_roots() {
  std::error_code ignored;
  const fs::path command = fs::read_symlink("/proc/self/exe", ignored);
  return {command.parent_path().parent_path() / "share" / "tha4", fs::path(THA4_SOURCE_DIR)};
}

std::optional<fs::path> find_project_file(const fs::path& path) {
  for (const fs::path& root : project_roots()) {
    if (fs::exists(root / path)) return root / path;
  }
  return std::nullopt;
}

}  // namespace tha4
