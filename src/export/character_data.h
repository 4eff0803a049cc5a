#pragma once

#include <filesystem>
#include <string>

#include "tha4/base/context.h"

namespace tha4 {

/// The character at \p path, a folder or its character_model.yaml, as the page reads it: a JSON object of
/// `name`, `picture` (a PNG of R, G, B, A), `face` and `body` (`kind`, and `weights`, a safetensors file
/// whose tensors are packed), and `empty`, 64 rows of 64 letters, a point where frames are empty in every
/// pose, for those SIRENs that gain by it. Files are in base64. `<` appears nowhere in it. \p context is told
/// how long the search for empty cells took. Throws InputError where there is no character, or one that the
/// page does not play.
std::string character_data(const std::filesystem::path& path, const Context& context = {});

}  // namespace tha4
