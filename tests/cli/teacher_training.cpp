#include "teacher_training.h"

#include <map>

#include "command_runner.h"

namespace tha4 {

const std::filesystem::path& training_dataset(const std::string& step) {
  static std::map<std::string, std::filesystem::path> folders;
  std::filesystem::path& folder = folders[step];
  if (folder.empty()) {
    folder = fresh_folder("training_data_" + step) / step;
    const CommandResult result = run_command_line(
        "tha4-make-dataset", {"--characters", "procedural:4:7", "--poses-per-character", "4", "--step", step,
                              "--test-fraction", "0.5", "--out", folder.string()});
    EXPECT_EQ(result.status, 0) << result.errors;
  }
  return folder;
}

}  // namespace tha4
