#include "command_runner.h"

#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// A fresh folder that is the working directory while it lives.
class WorkingFolder {
 public:
  explicit WorkingFolder(const std::string& name) : before_(fs::current_path()) {
    fs::current_path(fresh_folder(name));
  }
  ~WorkingFolder() { fs::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  fs::path before_;
};

/// What is said of a distillation that cannot be.
std::string refusal(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--device", "cpu"});
  const CommandResult result = run_command_line("tha4-distill", arguments);
  EXPECT_EQ(result.status, 2) << result.errors;
  return result.errors;
}

TEST(DistillOptions, TheCharacterIsNamedAfterThePictureOrTheTeacher) {
  const WorkingFolder folder("distill_out");
  fs::copy(small_character_folder(), "lambda_00.v2");
  fs::create_directories("out");
  fs::copy(small_character_folder(), "out/me");
  // There is no run to resume in any folder, and the message names the one that was looked at.
  const auto out_of = [](std::vector<std::string> arguments) {
    arguments.emplace_back("--resume");
    const std::string said = refusal(arguments);
    const std::size_t begin = said.find("error: ") + 7;
    return said.substr(begin, said.find(" holds no run to resume") - begin);
  };
  EXPECT_EQ(out_of({"--teacher", "lambda_00.v2"}), "out/lambda_00.v2");
  EXPECT_EQ(out_of({"--teacher", "lambda_00.v2/"}), "out/lambda_00.v2");
  EXPECT_EQ(out_of({"--teacher", "./lambda_00.v2/character_model.yaml"}), "out/lambda_00.v2");
  EXPECT_EQ(out_of({"--teacher", "lambda_00.v2", "--image", "lambda_00.v2/character.png"}), "out/character");
  EXPECT_EQ(out_of({"--teacher", "procedural:1"}), "out/procedural-1");
  EXPECT_EQ(out_of({"--teacher", "out/me"}), "out/me-student") << "not the teacher's own folder";
  EXPECT_EQ(out_of({"--teacher", "out/me/"}), "out/me-student");
  EXPECT_EQ(out_of({"--teacher", "out/me/character_model.yaml"}), "out/me-student");
}

TEST(DistillOptions, TheFolderOfTheTeacherIsRefusedByName) {
  const WorkingFolder folder("distill_into_teacher");
  fs::copy(small_character_folder(), "me");
  for (const char* out : {"me", "./me/", "me/../me"}) {
    EXPECT_NE(
        refusal({"--teacher", "me/character_model.yaml", "--out", out}).find("is the folder of the teacher"),
        std::string::npos)
        << out;
  }
}

TEST(DistillOptions, SaysWhatDoesNotGoWithATeacher) {
  const std::string character = small_character_folder().string();
  const std::vector<BadUsage> cases = {
      {{"--teacher", character, "--arch", "tha3"}, "is a character; leave it out"},
      {{"--teacher", "procedural:1", "--arch", "tha4"}, "procedural:1 is a rig; leave it out"},
      {{"--teacher", character, "--fit"}, "none is named"},
      {{"--teacher", character, "--init", character, "--preset", "small"},
       "of 8x41x1x1, where the settings make 128x41x1x1; name another one by --init, or leave it out"},
      {{"--teacher", character, "--init", character, "--preset", "quick"},
       "blendshapes are found anew for each character"},
  };
  for (const BadUsage& usage : cases) {
    const std::string said = refusal(usage.arguments);
    EXPECT_NE(said.find(usage.message), std::string::npos) << said;
  }
}

TEST(DistillOptions, APictureThatDiffersFromItsRigInASmallPlaceIsRefused) {
  const fs::path folder = fresh_folder("distill_edited");
  const fs::path demo = fs::path(THA4_SOURCE_DIR) / "data" / "demo";
  fs::copy_file(demo / "character.vrm", folder / "character.vrm");
  RgbaImage picture = read_image(demo / "character.png");
  // A mark of 12 by 12 pixels on the chin: a thousandth of the character.
  for (int y = 144; y < 156; ++y) {
    for (int x = 250; x < 262; ++x) {
      std::uint8_t* const pixel = &picture.pixels[(static_cast<std::size_t>(y) * picture.width + x) * 4];
      ASSERT_EQ(pixel[3], 255);
      pixel[0] = 40;
      pixel[1] = 40;
      pixel[2] = 200;
    }
  }
  write_image(folder / "character.png", picture);
  const std::string said = refusal({"--image", (folder / "character.png").string(), "--teacher", "rig"});
  EXPECT_NE(said.find("is not the picture of the rig"), std::string::npos) << said;
  EXPECT_NE(said.find("they differ at (2"), std::string::npos) << said;
}

}  // namespace
}  // namespace tha4
