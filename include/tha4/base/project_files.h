#pragma once

#include <array>
#include <filesystem>
#include <optional>

namespace tha4 {

/// Where configs/ and data/ of the project are: of the installed project whose command this process is, then
/// of the source tree that it was built from. Either may be missing.
std::array<std::filesystem::path, 2> project_roots();

/// What \p path, for example "data/demo/character.png", is in the first root that has it.
std::optional<std::filesystem::path> find_project_file(const std::filesystem::path& path);

}  // namespace tha4
