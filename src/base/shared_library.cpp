#include "tha4/base/shared_library.h"

#include <dlfcn.h>

namespace tha4 {

SharedLibrary::SharedLibrary(const std::string& file)
    : library_(::dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL)) {}

const SharedLibrary& SharedLibrary::cuda_driver() {
  static const SharedLibrary driver("libcuda.so.1");
  return driver;
}

void* SharedLibrary::address_of(const char* name) const {
  return library_ == nullptr ? nullptr : ::dlsym(library_, name);
}

}  // namespace tha4
