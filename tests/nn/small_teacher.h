#pragma once

#include <filesystem>
#include <string>

#include "tha4/nn/teacher/teacher.h"

namespace tha4 {

/// A compact teacher of small sizes.
Teacher small_compact_teacher();

/// Moves all weights off their start, at which such a teacher gives back the rest image.
void perturb_weights(const Teacher& teacher);

/// Writes the networks of \p teacher to their official files in \p folder, \p extension "pt" or
/// "safetensors".
void write_teacher(const Teacher& teacher, const std::filesystem::path& folder, const std::string& extension);

}  // namespace tha4
