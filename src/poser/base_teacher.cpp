#include "tha4/poser/base_teacher.h"

#include "tha4/base/error.h"
#include "tha4/base/project_files.h"

namespace tha4 {

namespace fs = std::filesystem;

fs::path base_teacher_folder(std::span<const fs::path> roots) {
  for (const fs::path& root : roots) {
    if (fs::is_directory(root / "data" / "teacher")) return root / "data" / "teacher";
  }
  throw InputError(
      "the project's own teacher, data/teacher, is not there; name another one: a folder with a "
      "teacher's networks, a character folder, or a rig");
}

fs::path base_teacher_folder() {
  return base_teacher_folder(project_roots());
}

}  // namespace tha4
