#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "test_files.h"
#include <gtest/gtest.h>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// What a command that was run as a user runs it gave back.
struct CommandResult {
  int status = -1;     ///< exit status; 128 + signal if a signal ended it
  std::string output;  ///< standard output
  std::string errors;  ///< standard error stream
};

/// Arguments that a command must refuse, and what the one line of the error says.
struct BadUsage {
  std::vector<std::string> arguments;
  std::string message;
};

/// Runs one of the project's commands, or a copy of one by its absolute path, to its end.
CommandResult run_command_line(const std::string& command, const std::vector<std::string>& arguments);

/// A running command.
class RunningCommand {
 public:
  RunningCommand(const std::string& command, const std::vector<std::string>& arguments,
                 const std::filesystem::path& errors);

  void send(int signal) const;
  bool is_running();
  /// Exit status, as of CommandResult.
  int wait();

 private:
  int process_;
  int status_ = -1;
  bool ended_ = false;
};

/// A folder with a whole character of small networks: a disc that moves a little.
std::filesystem::path small_character_folder();

}  // namespace tha4
