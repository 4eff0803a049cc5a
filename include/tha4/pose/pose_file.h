#pragma once

#include <filesystem>
#include <vector>

#include "tha4/pose/pose.h"

namespace tha4 {

/// The most poses that one pose file may hold.
inline constexpr std::size_t kMaxPosesInFile = 1'000'000;

/// Whether \p file has the extension of a pose file, .json or .csv in small or capital letters.
bool is_pose_file_name(const std::filesystem::path& file);

/// Reads the poses of a file, by its extension:
/// - .json: a list of objects from parameter name to value, parameters that are not named being 0: for
///   example [{"head_x": 0.5, "mouth_aaa": 1}, {}]. A single object is one pose.
/// - .csv: a line of parameter names, then one pose a line, parameters that have no column being 0. Spaces
///   around cells, quotes, CRLF, a byte-order mark and blank lines are accepted.
///
/// Returns at least one pose. Throws InputError that names the file, the pose (counted from 1) or the line,
/// and the parameter.
std::vector<Pose> read_pose_file(const std::filesystem::path& file);

/// Writes at least one pose to a .json or .csv file, which reads back as exactly the same values. JSON names
/// only the parameters that are not 0. Throws InputError for another extension, a list without poses and
/// values out of range, Error when the file cannot be written.
void write_pose_file(const std::filesystem::path& file, const std::vector<Pose>& poses);

}  // namespace tha4
