#pragma once

#include <filesystem>
#include <string>

#include "tha4/weights/safetensors.h"

namespace tha4 {

/// Writes \p state from front to back to \p temporary, which errors call \p name. As write_safetensors, but
/// for the renaming.
void write_safetensors_to(const std::filesystem::path& temporary, const std::string& name,
                          const StateDict& state, const TensorMetadata& metadata);

}  // namespace tha4
