#include "metrics_fixtures.h"

#include <cstdlib>

#include <sys/wait.h>

#include "tha4/base/error.h"

namespace tha4 {

namespace fs = std::filesystem;

namespace {

std::optional<fs::path> make_backbones() {
  constexpr int kNoTorch = 77, kNoPython = 127;
  const fs::path script = fs::path(THA4_SOURCE_DIR) / "tests" / "metrics" / "make_backbones.py";
  const fs::path folder = fresh_folder("backbones");
  std::string command;
  for (const std::string& word : {python(), script.string(), folder.string()}) command += "'" + word + "' ";
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == kNoTorch || code == kNoPython) return std::nullopt;
  EXPECT_EQ(code, 0) << command;
  return folder;
}

}  // namespace

std::string python() {
  if (const char* chosen = std::getenv("THA4_PYTHON")) return chosen;
  return (fs::path(THA4_SOURCE_DIR) / ".venv" / "bin" / "python").string();
}

const std::optional<fs::path>& made_backbones() {
  static const std::optional<fs::path> folder = make_backbones();
  return folder;
}

}  // namespace tha4
