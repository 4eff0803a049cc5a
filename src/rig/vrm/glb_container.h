#pragma once

#include <string>
#include <string_view>

namespace tha4 {

/// The two parts of a binary glTF file.
struct GlbParts {
  std::string_view json;
  std::string_view binary;  ///< empty where the file has none
};

/// Finds the parts of \p bytes. Throws InputError that begins with \p name when they are not binary glTF 2,
/// saying what they seem to be, or when they are cut off or a chunk does not fit in.
GlbParts split_glb(std::string_view bytes, const std::string& name);

/// A binary glTF file of the two parts.
std::string join_glb(std::string_view json, std::string_view binary);

}  // namespace tha4
