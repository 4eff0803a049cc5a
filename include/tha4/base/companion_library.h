#pragma once

#include <string>

namespace tha4 {

/// A library of this project that is loaded when it is needed, because it is linked with what most runs do
/// without. It lies beside the commands in a build folder, and in lib/ beside their bin/ where they are
/// installed. The handle is that of dlopen(); null where there is no such file. Throws Error where the file
/// cannot be loaded.
void* load_companion_library(const std::string& file_name);

/// The function \p name of such a library. Throws Error where there is none: the library is of another build.
void* companion_function(void* library, const std::string& file_name, const char* name);

}  // namespace tha4
