#pragma once

#include <string>
#include <vector>

#include "command_runner.h"

namespace tha4 {

/// Starts a command in several processes that work together, as a launcher would (RANK, WORLD_SIZE,
/// MASTER_ADDR, MASTER_PORT; one thread each).
/// \param folder  for their error streams
std::vector<RunningCommand> start_command_group(const std::string& command,
                                                const std::vector<std::string>& arguments, int size,
                                                const std::filesystem::path& folder);

/// Waits for all of them. Results by rank, without their standard output.
std::vector<CommandResult> wait_for_group(std::vector<RunningCommand>& processes,
                                          const std::filesystem::path& folder);

/// Both.
std::vector<CommandResult> run_command_group(const std::string& command,
                                             const std::vector<std::string>& arguments, int size);

/// What all of them said.
std::string errors_of(const std::vector<CommandResult>& results);

/// That each of them ended with 0.
void expect_success(const std::vector<CommandResult>& results);

}  // namespace tha4
