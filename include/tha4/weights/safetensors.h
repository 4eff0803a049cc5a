#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// The free texts of a safetensors file, its `__metadata__`.
using TensorMetadata = std::map<std::string, std::string>;

/// Reads the tensors of a safetensors file onto the CPU, in the order of its header, and its texts to
/// \p metadata where that is given. Throws InputError for files that are not well-formed: a header that is no
/// JSON of the right form or does not fit, names that occur twice, sizes that disagree with shapes, tensors
/// that overlap, leave gaps or do not fill the file.
StateDict read_safetensors(const std::filesystem::path& file, TensorMetadata* metadata = nullptr);

/// Writes \p state, its names in their order, the data ordered so that each tensor is aligned to its element
/// size. Tensors are written one after the other, without a copy of them all. Throws Error when a tensor
/// cannot be written (sparse, quantised, complex) or the disk is full; \p file is then as it was.
void write_safetensors(const std::filesystem::path& file, const StateDict& state,
                       const TensorMetadata& metadata = {});

}  // namespace tha4
