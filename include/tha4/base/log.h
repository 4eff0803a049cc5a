#pragma once

#include <filesystem>
#include <string_view>

namespace tha4 {

/// Sets up the default spdlog logger, which writes to the standard error stream.
/// \param level  trace, debug, info, warning, error or off; anything else throws InputError.
void set_up_logging(std::string_view level);

/// Writes all further log lines into \p file as well, appending to it. Throws Error if it cannot be opened.
void add_log_file(const std::filesystem::path& file);

}  // namespace tha4
