#pragma once

#include <filesystem>
#include <span>

namespace tha4 {

/// The folder of the base teacher, which comes with the project and poses any picture: data/teacher in the
/// first of \p roots that has it. Throws InputError that says what to name instead.
std::filesystem::path base_teacher_folder(std::span<const std::filesystem::path> roots);

/// Likewise, of project_roots().
std::filesystem::path base_teacher_folder();

}  // namespace tha4
