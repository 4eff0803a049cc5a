#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tha4/weights/weights_storage.h"

namespace tha4 {

/// The weights files directly in \p folder, by their names: .pt and .safetensors, hidden ones left out.
/// Pieces NAME-00001-of-0000N.safetensors stand there once, as NAME.safetensors. Nothing is opened. Throws
/// InputError when \p folder cannot be listed.
std::vector<std::filesystem::path> weights_files_in(const std::filesystem::path& folder);

/// The weights called \p name in \p folder, for read_weights(): NAME.pt, or NAME.safetensors (whole or in
/// pieces) where only that is there; nothing where neither is.
std::optional<std::filesystem::path> find_weights_file(const std::filesystem::path& folder,
                                                       const std::string& name);

/// How the files of a folder are written.
struct FolderConversion {
  std::string extension = ".safetensors";  ///< or .pt
  WeightsStorage storage = WeightsStorage::as_is;
  std::optional<std::uint64_t> largest_file = std::nullopt;  ///< in bytes
};

/// Writes each of weights_files_in(\p from) to the folder \p to under its name, as \p conversion says, and
/// returns the files written. All are read first, so that nothing is written when one is damaged. Throws
/// InputError for that, when there are none, when two differ in their extensions alone, and when both folders
/// are the same.
std::vector<std::filesystem::path> convert_weights_folder(const std::filesystem::path& from,
                                                          const std::filesystem::path& to,
                                                          const FolderConversion& conversion);

}  // namespace tha4
