#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "tha4/base/context.h"

namespace tha4 {

/// Writes one HTML file that plays the characters at \p characters, folders or their character_model.yaml,
/// whole or not at all (docs/web.md). The file asks nobody for anything: script, style, pictures and weights
/// are in it, and its content security policy forbids the rest. \p context is told of the search for a
/// SIREN's empty cells. \return its size in bytes Throws InputError where there is no character, or one that
/// the page does not play.
std::uintmax_t write_web_page(const std::vector<std::filesystem::path>& characters,
                              const std::filesystem::path& file, const Context& context = {});

}  // namespace tha4
