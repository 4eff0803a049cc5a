#include "command_runner.h"
#include <torch/types.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

TEST(ExportCommand, ChangesTheFormatAndNotABit) {
  const fs::path out = fresh_folder("export");
  const fs::path character = small_character_folder();
  ASSERT_EQ(run_command_line("tha4-export", {"--character", character.string(), "--to", "safetensors",
                                             "--out", (out / "st").string()})
                .status,
            0);
  ASSERT_EQ(run_command_line("tha4-export", {"--character", (out / "st").string(), "--to", "pt", "--out",
                                             (out / "pt").string()})
                .status,
            0);
  const StateDict before = read_weights(character / "body_morpher.pt");
  const StateDict after = read_weights(out / "pt" / "body_morpher.pt");
  ASSERT_EQ(before.size(), after.size());
  for (const auto& item : before) EXPECT_TRUE(torch::equal(item.value(), after[item.key()])) << item.key();
}

TEST(ExportCommand, ListsOnlyWhatWorks) {
  const CommandResult help = run_command_line("tha4-export", {"--help"});
  EXPECT_EQ(help.output.find("onnx"), std::string::npos);
  const CommandResult result = run_command_line(
      "tha4-export", {"--character", small_character_folder().string(), "--to", "onnx", "--out", "x"});
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.errors.find("{pt,safetensors}"), std::string::npos) << result.errors;
}

}  // namespace
}  // namespace tha4
