#pragma once

#include <string>
#include <vector>

// The run-time compiler (NVRTC) that comes with LibTorch for CUDA.

namespace tha4 {

/// Whether it is there, with or without a GPU.
bool has_kernel_compiler();

/// Its version, such as "13.0". Throws Error where it is not there.
std::string kernel_compiler_version();

/// Machine code of a text in CUDA C++. Throws Error, with the compiler's messages where it has some.
/// \param name     of the text, for messages
/// \param options  the compiler's
std::vector<char> compile_kernels(const std::string& name, const std::string& source,
                                  const std::vector<std::string>& options);

}  // namespace tha4
