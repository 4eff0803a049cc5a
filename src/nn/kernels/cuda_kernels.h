#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/base/cuda_program.h"

// What the kernels of src/nn/kernels have in common.

namespace tha4 {

/// Whether tensors of \p x's device and type can go through the kernels: a GPU, with float32, float16 or
/// bfloat16.
bool kernels_take(const at::Tensor& x);

/// How many of \p x's numbers the kernels read at once.
std::int64_t vector_length(const at::Tensor& x);

/// Kernels over images that are stored channels-last, for tensors of \p x's type.
const CudaProgram& channels_last_program(const at::Tensor& x);

/// Kernels over any two tensors of one layout, for tensors of \p x's type.
const CudaProgram& absolute_difference_program(const at::Tensor& x);

/// Kernels over what lies between the networks that rotate a body. Images are of float32; \p type is that of
/// what a network is given.
const CudaProgram& rotated_pixels_program(at::ScalarType type);

/// Threads of a block, in all kernels.
inline constexpr unsigned kKernelThreads = 256;

}  // namespace tha4
