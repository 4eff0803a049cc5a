#include <cstdlib>

#include "command_runner.h"

namespace tha4 {
namespace {

TEST(HelpConfig, ExplainsEverySetting) {
  const auto expect_explained = [](const std::string& command, const std::vector<std::string>& lines) {
    const CommandResult help = run_command_line(command, {"--help-config"});
    EXPECT_EQ(help.status, 0) << help.errors;
    for (const std::string& line : lines) {
      EXPECT_NE(help.output.find("- `" + line), std::string::npos) << line << "\n" << help.output;
    }
  };
  expect_explained("tha4-distill", {"held_out.poses` (a whole number from 1 to 1e6): ",
                                    "preview` (true or false; true if left out): "});
  expect_explained("tha4-train-teacher",
                   {"phases.N.l1.weight` (0 to 1e6): ", "augmentation.warp` (0 to 64;"});
  expect_explained("tha4-make-dataset", {"format` (png or webp): "});
}

TEST(HelpConfig, IsTheDocument) {
  const std::string folder = THA4_BIN_DIR;
  const std::string command = "python3 " THA4_SOURCE_DIR "/scripts/write_configuration.py --check " + folder;
  EXPECT_EQ(std::system(command.c_str()), 0) << "run scripts/write_configuration.py " << folder;
}

}  // namespace
}  // namespace tha4
