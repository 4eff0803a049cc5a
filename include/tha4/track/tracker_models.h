#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace tha4 {

/// What the zlib stream at \p path holds, for a FaceTracker. Throws InputError where it cannot be read, is no
/// such stream, or is larger than networks of this kind are (64 MiB).
std::vector<std::byte> read_tracker_models(const std::filesystem::path& path);

/// The models that come with the project, data/tracker/face_tracker.models. Throws InputError where they are
/// missing.
std::filesystem::path tracker_models_file();

}  // namespace tha4
