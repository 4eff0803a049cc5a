#include "command_runner.h"
#include <torch/types.h>

#include "tha4/image/image_io.h"
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
  EXPECT_NE(result.errors.find("{pt,safetensors,vrm}"), std::string::npos) << result.errors;
}

TEST(ExportCommand, ARigAsVrmIsPosedAsTheRigItself) {
  const fs::path out = fresh_folder("export_vrm");
  const std::string file = (out / "one.vrm").string();
  ASSERT_EQ(
      run_command_line("tha4-export", {"--character", "procedural:1", "--to", "vrm", "--out", file}).status,
      0);
  EXPECT_EQ(read_image(out / "one.png").width, 512);
  const auto posed = [&](const std::string& teacher, const std::string& name) {
    const CommandResult result = run_command_line(
        "tha4-pose", {"--teacher", teacher, "--poses", "random:2:3", "--dump", (out / name).string()});
    EXPECT_EQ(result.status, 0) << result.errors;
    return read_weights(out / name)["blended"];
  };
  const auto difference = posed("procedural:1", "rig.safetensors") - posed(file, "vrm.safetensors");
  EXPECT_LT(difference.abs().max().item<double>(), 1e-3);
}

TEST(ExportCommand, RefusesWhatIsNoDevice) {
  const CommandResult result = run_command_line(
      "tha4-export",
      {"--character", small_character_folder().string(), "--to", "pt", "--out", "x", "--device", "bogus"});
  EXPECT_EQ(result.status, 2);
  EXPECT_NE(result.errors.find("--device bogus is not a device"), std::string::npos) << result.errors;
  EXPECT_NE(run_command_line("tha4-export", {"--help"}).output.find("to no effect"), std::string::npos);
}

TEST(ExportCommand, TellsRigsFromCharacters) {
  const CommandResult rig =
      run_command_line("tha4-export", {"--character", "procedural:1", "--to", "pt", "--out", "x"});
  EXPECT_EQ(rig.status, 2);
  EXPECT_NE(rig.errors.find("a rig is exported --to vrm"), std::string::npos) << rig.errors;
  const CommandResult character = run_command_line(
      "tha4-export", {"--character", small_character_folder().string(), "--to", "vrm", "--out", "x.vrm"});
  EXPECT_EQ(character.status, 2);
  EXPECT_NE(character.errors.find("takes a rig"), std::string::npos) << character.errors;
}

}  // namespace
}  // namespace tha4
