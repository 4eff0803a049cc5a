#pragma once

#include <filesystem>
#include <string>

#include "tha4/base/context.h"

namespace tha4 {

/// A character as the page reads it.
struct CharacterData {
  /// A JSON object of `name`, `picture` (a PNG of R, G, B, A in base64), `face` and `body` (`kind` of each),
  /// and `empty`, 64 rows of 64 letters, a point where frames are empty in every pose, for those SIRENs that
  /// gain by it. `<` appears nowhere in it.
  std::string description;
  std::string face, body;  ///< weights: safetensors files whose tensors are packed, by compact_text_of()
};

/// The character at \p path, a folder or its character_model.yaml. \p context is told how long the search for
/// empty cells took. Throws InputError where there is no character, or one that the page does not play.
CharacterData character_data(const std::filesystem::path& path, const Context& context = {});

}  // namespace tha4
