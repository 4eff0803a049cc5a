#include <sstream>

#include "command_runner.h"

namespace tha4 {
namespace {

/// The words of the command \p command in a line of an example, without its name; none where it is not there.
std::vector<std::string> arguments_in(const std::string& line, const std::string& command) {
  std::istringstream words(line);
  std::vector<std::string> arguments;
  bool is_there = false;
  for (std::string word; words >> word;) {
    if (is_there) arguments.push_back(word);
    is_there = is_there || word == command;
  }
  return arguments;
}

/// Every example is given one option more, that no command has: where nothing else is wrong with it, that is
/// all that is refused, and nothing is done.
TEST(HelpExamples, EveryOneIsUnderstood) {
  for (const std::string command : {"tha4-pose", "tha4-distill", "tha4-export", "tha4-make-dataset",
                                    "tha4-train-teacher", "tha4-bench", "tha4-eval"}) {
    const CommandResult help = run_command_line(command, {"--help"});
    const std::size_t example = help.output.find("Example:");
    ASSERT_NE(example, std::string::npos) << help.output;
    std::istringstream lines(help.output.substr(example));
    int examples = 0;
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> arguments = arguments_in(line, command);
      // Sentences about the command have no options; "..." stands for what a line above has.
      if (arguments.empty() || arguments.front() == "--help" || line.find(" --") == std::string::npos)
        continue;
      ++examples;
      arguments.emplace_back("--no-such-option");
      const CommandResult result = run_command_line(command, arguments);
      EXPECT_EQ(result.status, 2) << line;
      EXPECT_NE(result.errors.find("not expected: --no-such-option;"), std::string::npos) << line << "\n"
                                                                                          << result.errors;
    }
    EXPECT_GE(examples, 2) << command;
  }
}

}  // namespace
}  // namespace tha4
