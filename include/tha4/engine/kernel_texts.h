#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace tha4 {

/// The text of a program of kernels: \p parts, one after the other, without the lines by which they include
/// each other where C++ reads them.
std::string kernel_text(std::initializer_list<std::string_view> parts);

// Parts that programs of several areas have in common, in CUDA C++ (see CudaProgram). Their functions are
// described in the texts.

/// Pairs of 16-bit numbers, copies to shared memory, products by tensor cores: src/engine/tensor_cores.cu.
std::string_view tensor_core_text();

/// Behind it, the layers' weights that shared memory has no room for all at once, chunk after chunk:
/// src/engine/weight_ring.cu, which says what has to come before it.
std::string_view weight_ring_text();

}  // namespace tha4
