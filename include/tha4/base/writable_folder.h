#pragma once

#include <filesystem>

namespace tha4 {

/// Throws Error where files could not be written in \p folder, which need not be there yet: it is tried with
/// a small file, of which nothing is left behind. Permissions alone do not say it: root has them all, and no
/// file can be made in /proc, on a full disk, or on one that is mounted to be read only.
/// \param named  what the user named, for the message
void check_folder_writable(const std::filesystem::path& folder, const std::filesystem::path& named);

}  // namespace tha4
