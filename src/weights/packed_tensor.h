#pragma once

#include <string>

#include "tha4/weights/packed_weights.h"

namespace tha4 {

constexpr const char* kStepSuffix = ".step";
constexpr const char* kFormSuffix = ".form";

/// The three tensors that a packed tensor is in a file (packed_weights.h).
struct PackedTensor {
  at::Tensor stream;  ///< uint8 [bytes]
  at::Tensor steps;   ///< float32
  at::Tensor form;    ///< int64 [dimensions + 1]
};

/// \param what  file and tensor, for messages
PackedTensor pack(const at::Tensor& tensor, const Packing& packing, const std::string& what);

/// The float32 tensor. Throws InputError that names \p what where the three do not fit together.
at::Tensor unpacked(const PackedTensor& packed, const std::string& what);

}  // namespace tha4
