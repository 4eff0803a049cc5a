#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/wait.h>

// Tests that need programs in Python.

namespace tha4 {

/// $THA4_PYTHON, else the project's virtual environment.
inline std::string python() {
  if (const char* chosen = std::getenv("THA4_PYTHON")) return chosen;
  return (std::filesystem::path(THA4_SOURCE_DIR) / ".venv" / "bin" / "python").string();
}

/// Exit status of tests/<\p script>; 127 where there is no such Python. What it says goes to the output of
/// the test.
inline int run_python(const std::string& script, const std::vector<std::string>& arguments) {
  const std::filesystem::path path = std::filesystem::path(THA4_SOURCE_DIR) / "tests" / script;
  std::string command = "'" + python() + "' -B '" + path.string() + "'";
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace tha4
