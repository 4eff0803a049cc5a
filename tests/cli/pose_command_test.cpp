#include <algorithm>
#include <cstdlib>
#include <optional>

#include "command_runner.h"
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/image/image_io.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

CommandResult pose(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--device", "cpu"});
  return run_command_line("tha4-pose", arguments);
}

std::string character() {
  return small_character_folder().string();
}

TEST(PoseCommand, HelpShowsAnExampleAndVersionTheVersion) {
  const CommandResult help = run_command_line("tha4-pose", {"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.output.find("tha4-pose --character out/me --poses demo"), std::string::npos);
  const CommandResult version = run_command_line("tha4-pose", {"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.output, "0.1.0\n");
}

TEST(PoseCommand, WritesOneFrameASheetAndAFolder) {
  const fs::path out = fresh_folder("pose_pictures");
  ASSERT_EQ(pose({"--character", character(), "--out", (out / "frame.png").string()}).status, 0);
  const RgbaImage frame = read_image(out / "frame.png");
  EXPECT_EQ(frame.width, 512);
  EXPECT_EQ(frame.height, 512);

  ASSERT_EQ(
      pose({"--character", character(), "--poses", "random:4:1", "--out", (out / "sheet.webp").string()})
          .status,
      0);
  EXPECT_GT(read_image(out / "sheet.webp").width, 2 * 512);

  ASSERT_EQ(pose({"--character", character(), "--poses", "sweep:head_y:3", "--batch", "2", "--region",
                  "100,50,64,32", "--out", (out / "frames").string()})
                .status,
            0);
  EXPECT_EQ(std::distance(fs::directory_iterator(out / "frames"), fs::directory_iterator{}), 3);
  EXPECT_EQ(read_image(out / "frames" / "frame_000002.png").width, 64);
}

TEST(PoseCommand, WritesAClip) {
  const fs::path out = fresh_folder("pose_clip");
  ASSERT_EQ(pose({"--character", character(), "--poses", "sweep:neck_z:6", "--resolution", "128", "--out",
                  (out / "clip.mp4").string()})
                .status,
            0);
  // What is in a clip is tested with the video writer; here, that it is one.
  const std::string clip = read_text_file(out / "clip.mp4");
  EXPECT_GT(clip.size(), 1000);
  EXPECT_EQ(clip.substr(4, 4), "ftyp");
}

TEST(PoseCommand, DumpsTensorsWhoseRegionIsTheCropOfTheWhole) {
  const fs::path out = fresh_folder("pose_dump");
  const std::vector<std::string> common = {"--character", character(), "--poses", "random:2:3"};
  auto whole = common, part = common;
  whole.insert(whole.end(), {"--dump", (out / "whole.safetensors").string(), "--batch", "2"});
  part.insert(part.end(), {"--dump", (out / "part.safetensors").string(), "--region", "200,80,33,21",
                           "--json", (out / "result.json").string()});
  ASSERT_EQ(pose(whole).status, 0);
  ASSERT_EQ(pose(part).status, 0);
  const StateDict a = read_safetensors(out / "whole.safetensors");
  const StateDict b = read_safetensors(out / "part.safetensors");
  for (const char* name : {"blended", "warped", "direct", "alpha", "flow"}) {
    ASSERT_TRUE(a.contains(name));
    const auto crop = a[name].narrow(2, 80, 21).narrow(3, 200, 33);
    ASSERT_EQ(b[name].sizes(), crop.sizes());
    EXPECT_LT((b[name] - crop).abs().max().item<double>(), 1e-5) << name;
  }
  EXPECT_EQ(a["face"].sizes(), (std::vector<std::int64_t>{2, 4, 128, 128}));
  EXPECT_EQ(read_json_file(out / "result.json")["poses"], 2);
}

TEST(PoseCommand, PosesAPictureWithATeacher) {
  const fs::path out = fresh_folder("pose_teacher");
  const std::string teacher = std::string(THA4_TEST_DATA_DIR) + "/random_teacher";
  const std::string image = (small_character_folder() / "character.png").string();
  const CommandResult result = pose(
      {"--teacher", teacher, "--image", image, "--poses", "random:1", "--out", (out / "frame.png").string()});
  EXPECT_EQ(result.status, 0) << result.errors;
  const CommandResult tha3 =
      pose({"--teacher", std::string(THA4_TEST_DATA_DIR) + "/random_tha3_teacher", "--arch", "tha3",
            "--image", image, "--region", "0,0,32,32", "--out", (out / "tha3.png").string()});
  EXPECT_EQ(tha3.status, 0) << tha3.errors;
}

/// An environment variable of the commands that are run while it lives.
class SetVariable {
 public:
  SetVariable(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    ::setenv(name, value, 1);
  }
  ~SetVariable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  SetVariable(const SetVariable&) = delete;
  SetVariable& operator=(const SetVariable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(PoseCommand, SaysWhatToInstallWhereNoDriverDraws) {
  // Where libEGL looks for drivers.
  const SetVariable no_drivers("__EGL_VENDOR_LIBRARY_DIRS", "/nonexistent");
  const fs::path picture = fresh_folder("pose_driverless") / "a.png";
  const CommandResult result = pose({"--teacher", "procedural:1", "--out", picture.string()});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  EXPECT_NE(result.errors.find("no driver offers OpenGL without a window"), std::string::npos)
      << result.errors;
  for (const char* package : {"GPU's driver", "apt-get install", "libegl1", "libgl1-mesa-dri"})
    EXPECT_NE(result.errors.find(package), std::string::npos) << result.errors;
  EXPECT_FALSE(fs::exists(picture));
}

TEST(PoseCommand, SaysInOneLineWhatIsWrong) {
  const fs::path out = fresh_folder("pose_bad");
  const std::string picture = (out / "a.png").string();
  const std::vector<BadUsage> cases = {
      {{"--out", picture}, "name either --character or --teacher"},
      {{"--character", character()}, "name where the pictures go"},
      {{"--character", character(), "--out", (out / "a.gif").string()}, ".gif is not known"},
      {{"--character", (out / "none").string(), "--out", picture}, "is no character"},
      {{"--character", character(), "--out", picture, "--poses", "sweep:haed_x"}, "head_x"},
      {{"--character", character(), "--out", picture, "--region", "1,2,3"}, "X,Y,WIDTH,HEIGHT"},
      {{"--character", character(), "--out", picture, "--region", "500,0,100,100"},
       "does not lie within the frame"},
      {{"--character", character(), "--out", picture, "--precision", "fp8"}, "fp32, fp16 or bf16"},
      {{"--character", character(), "--out", picture, "--colour"}, "--colour"},
      {{"--character", character(), "--out", picture, "--image", "x.png"},
       "--image goes with --teacher only"},
      {{"--teacher", (out / "none").string(), "--image", "none.png", "--out", picture}, "none.png"},
  };
  for (const BadUsage& usage : cases) {
    const CommandResult result = pose(usage.arguments);
    EXPECT_EQ(result.status, 2) << usage.message;
    EXPECT_NE(result.errors.find(usage.message), std::string::npos) << result.errors;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
  EXPECT_FALSE(fs::exists(picture));
}

}  // namespace
}  // namespace tha4
