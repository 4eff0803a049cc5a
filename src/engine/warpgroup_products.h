#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tha4 {

/// The text in CUDA C++ of functions that begin the product of 64 pixels' 16 inputs, by a warpgroup, for each
/// of the numbers \p outputs, multiples of 8 up to 256, no number twice: multiply_add(sums, a, b), where sums
/// are of that size, a is the inputs in registers or a description of where they are in shared memory, and b
/// one of the weights. An instruction names each of its registers, so that every number has one of its own.
/// \param numbers  "f16" or "bf16"
std::string warpgroup_product_text(const std::vector<int>& outputs, std::string_view numbers = "f16");

}  // namespace tha4
