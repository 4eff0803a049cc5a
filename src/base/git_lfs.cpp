#include "tha4/base/git_lfs.h"

#include "tha4/base/error.h"

namespace tha4 {

void refuse_git_lfs_pointer(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with("version https://git-lfs.github.com/spec/")) return;
  throw InputError(
      name +
      " is a pointer of Git LFS, not the file itself; run 'git lfs pull' where it was cloned, or "
      "download the file");
}

}  // namespace tha4
