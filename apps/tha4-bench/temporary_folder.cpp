#include "temporary_folder.h"

#include <cstdlib>
#include <string>

#include "tha4/base/error.h"

namespace tha4::app {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "tha4-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw InputError("no folder can be made in " + fs::temp_directory_path().string() +
                     "; name another place by TMPDIR");
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace tha4::app
