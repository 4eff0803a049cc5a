#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "tha4/base/context.h"

namespace tha4 {

struct WebPageOptions {
  bool has_tracker = true;  ///< whether the page can follow the face that a camera sees
};

/// Writes one HTML file that plays the characters at \p characters, folders or their character_model.yaml,
/// whole or not at all (docs/web.md). The file asks nobody for anything: script, style, pictures, weights and
/// the tracker of faces are in it, and its content security policy forbids the rest. \p context is told of
/// the search for a SIREN's empty cells. Throws InputError where there is no character, or one that the page
/// does not play, and where the tracker's models are missing.
/// \return its size in bytes
std::uintmax_t write_web_page(const std::vector<std::filesystem::path>& characters,
                              const std::filesystem::path& file, const WebPageOptions& options = {},
                              const Context& context = {});

}  // namespace tha4
