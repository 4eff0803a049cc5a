#include "tha4/base/companion_library.h"

#include <filesystem>
#include <system_error>

#include <dlfcn.h>

#include "tha4/base/error.h"

namespace tha4 {

namespace fs = std::filesystem;

void* load_companion_library(const std::string& file_name) {
  std::error_code failure;
  const fs::path folder = fs::read_symlink("/proc/self/exe", failure).parent_path();
  for (const fs::path& file : {folder / file_name, folder.parent_path() / "lib" / file_name}) {
    if (!fs::exists(file, failure)) continue;
    if (void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL)) return library;
    throw Error(file.string() + " cannot be loaded: " + ::dlerror());
  }
  return nullptr;
}

void* companion_function(void* library, const std::string& file_name, const char* name) {
  void* const function = ::dlsym(library, name);
  if (function == nullptr) throw Error(file_name + " is of another build; build the project again");
  return function;
}

}  // namespace tha4
