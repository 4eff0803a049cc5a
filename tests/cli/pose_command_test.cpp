#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>

#include "command_runner.h"
#include <spdlog/fmt/fmt.h>
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

TEST(PoseCommand, TakesCapitalExtensionsAndPicturesThatLookTheSame) {
  const fs::path out = fresh_folder("pose_capitals");
  const CommandResult clip = pose({"--character", character(), "--poses", "sweep:head_y:3", "--resolution",
                                   "64", "--out", (out / "CLIP.MP4").string()});
  EXPECT_EQ(clip.status, 0) << clip.errors;
  // Colours that nobody sees may differ.
  RgbaImage picture = read_image(small_character_folder() / "character.png");
  for (std::size_t i = 0; i < picture.pixels.size(); i += 4) {
    if (picture.pixels[i + 3] == 0) std::fill_n(&picture.pixels[i], 3, static_cast<std::uint8_t>(255));
  }
  write_image(out / "white.png", picture);
  const CommandResult posed = pose({"--teacher", character(), "--image", (out / "white.png").string(),
                                    "--out", (out / "posed.png").string()});
  EXPECT_EQ(posed.status, 0) << posed.errors;
}

TEST(PoseCommand, NamesTheFolderThatWasMeant) {
  const std::string picture = (small_character_folder() / "character.png").string();
  const std::string data = std::string(THA4_SOURCE_DIR) + "/data";
  const std::string out = (fresh_folder("pose_meant") / "a.png").string();
  const CommandResult teacher = pose({"--teacher", data, "--image", picture, "--out", out});
  EXPECT_NE(teacher.errors.find("but " + data + "/teacher does; name that folder"), std::string::npos)
      << teacher.errors;
  const fs::path above = fresh_folder("pose_above");
  fs::copy(small_character_folder(), above / "me");
  const CommandResult one = pose({"--character", above.string(), "--out", out});
  EXPECT_NE(one.errors.find("did you mean " + (above / "me").string()), std::string::npos) << one.errors;
}

TEST(PoseCommand, SaysThatACharactersPictureIsOpaque) {
  const fs::path folder = fresh_folder("pose_opaque");
  fs::copy(small_character_folder(), folder / "c");
  RgbaImage picture = read_image(folder / "c" / "character.png");
  for (std::size_t i = 3; i < picture.pixels.size(); i += 4) picture.pixels[i] = 255;
  write_image(folder / "c" / "character.png", picture);
  const CommandResult result =
      pose({"--character", (folder / "c").string(), "--out", (folder / "a.png").string()});
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.errors.find("is opaque all over"), std::string::npos) << result.errors;
}

/// A number of four bytes, as .mp4 files keep them.
double number_at(const std::string& bytes, std::size_t at) {
  double number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number * 256 + static_cast<unsigned char>(bytes[at + i]);
  return number;
}

/// How long a clip of \p arguments lasts, in seconds.
double seconds_of_clip(std::vector<std::string> arguments) {
  const fs::path file = fresh_folder("pose_clip") / "clip.mp4";
  arguments.insert(arguments.end(),
                   {"--character", character(), "--resolution", "64", "--out", file.string()});
  const CommandResult result = pose(arguments);
  EXPECT_EQ(result.status, 0) << result.errors;
  const std::string clip = read_text_file(file);
  EXPECT_EQ(clip.substr(4, 4), "ftyp");
  // The movie header: version, flags and two dates, then the ticks of a second, and of the whole.
  const std::size_t ticks = clip.find("mvhd") + 4 + 4 + 8;
  return number_at(clip, ticks + 4) / number_at(clip, ticks);
}

TEST(PoseCommand, AClipOfAMotionHas30FramesASecondOrThoseAskedFor) {
  // What is in a clip is tested with the video writer; here, how long it lasts.
  const fs::path file = fresh_folder("pose_clip_poses") / "poses.csv";
  std::string poses = "head_x\n";
  for (int i = 0; i < 15; ++i) poses += fmt::format("{}\n", i / 15.0);
  write_text_file(file, poses);
  EXPECT_NEAR(seconds_of_clip({"--poses", file.string()}), 0.5, 0.02);
  EXPECT_NEAR(seconds_of_clip({"--poses", file.string(), "--fps", "10"}), 1.5, 0.02);
  EXPECT_NEAR(seconds_of_clip({"--poses", "sweep:neck_z:6"}), 0.2, 0.02);
  EXPECT_NEAR(seconds_of_clip({"--poses", "random:3"}), 1.5, 0.02) << "each for itself";
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

TEST(PoseCommand, DrawsOnceForPicturesAndTensors) {
  const fs::path out = fresh_folder("pose_both");
  const CommandResult both =
      pose({"--character", character(), "--poses", "random:3:1", "--region", "200,100,32,32", "--batch", "2",
            "--out", (out / "frames").string(), "--dump", (out / "tensors.safetensors").string()});
  ASSERT_EQ(both.status, 0) << both.errors;
  const std::size_t drawn = both.errors.find("3/3 frames");
  ASSERT_NE(drawn, std::string::npos) << both.errors;
  EXPECT_EQ(both.errors.find("3/3 frames", drawn + 1), std::string::npos) << both.errors;
  EXPECT_EQ(read_image(out / "frames" / "frame_000002.png").width, 32);
  const StateDict tensors = read_safetensors(out / "tensors.safetensors");
  for (const auto& item : tensors) {
    EXPECT_EQ(item.value().size(0), 3) << item.key();
    EXPECT_EQ(item.value().scalar_type(), torch::kFloat) << item.key();
  }
  const torch::Tensor blended = tensors["blended"];
  const torch::Tensor alpha = tensors["alpha"];
  const torch::Tensor expected = (1 - alpha) * tensors["warped"] + alpha * tensors["direct"];
  EXPECT_LT((blended - expected).abs().max().item<double>(), 1e-4);
}

TEST(PoseCommand, InterruptedItLeavesTheFramesThatAreThereAndNoTensors) {
  const fs::path out = fresh_folder("pose_interrupted");
  RunningCommand running(
      "tha4-pose",
      {"--device", "cpu", "--character", character(), "--poses", "random:4000", "--region", "200,100,32,32",
       "--out", (out / "frames").string(), "--dump", (out / "tensors.safetensors").string()},
      out / "errors");
  while (running.is_running() && !fs::exists(out / "frames" / "frame_000000.png")) std::this_thread::yield();
  running.send(SIGINT);
  EXPECT_EQ(running.wait(), 130) << read_text_file(out / "errors");
  EXPECT_FALSE(fs::exists(out / "tensors.safetensors"));
}

TEST(PoseCommand, PutsTheRigsOfARangeOnOneSheet) {
  const fs::path out = fresh_folder("pose_rigs");
  const auto sheet = [&](const char* rigs, const char* name) {
    const fs::path file = out / name;
    const CommandResult result =
        pose({"--teacher", rigs, "--poses", "sweep:head_y:2", "--resolution", "64", "--out", file.string()});
    EXPECT_EQ(result.status, 0) << result.errors;
    return result.status == 0 ? read_image(file) : RgbaImage(1, 1);
  };
  const RgbaImage first = sheet("procedural:3..3", "first.png");
  const RgbaImage both = sheet("procedural:3..4", "both.PNG");
  EXPECT_EQ(both.width, first.width) << "a row for each character";
  ASSERT_GT(both.height, first.height + 60);
  const std::size_t row = static_cast<std::size_t>(first.width) * 4;
  EXPECT_TRUE(std::equal(first.pixels.begin(), first.pixels.begin() + static_cast<std::ptrdiff_t>(80 * row),
                         both.pixels.begin()))
      << "the first row is that of the first character";
}

TEST(PoseCommand, PosesAPictureWithATeacher) {
  const fs::path out = fresh_folder("pose_teacher");
  const std::string teacher = std::string(THA4_FIXTURES_DIR) + "/random_teacher";
  const std::string image = (small_character_folder() / "character.png").string();
  const CommandResult result = pose(
      {"--teacher", teacher, "--image", image, "--poses", "random:1", "--out", (out / "frame.png").string()});
  EXPECT_EQ(result.status, 0) << result.errors;
  const CommandResult tha3 =
      pose({"--teacher", std::string(THA4_FIXTURES_DIR) + "/random_tha3_teacher", "--arch", "tha3", "--image",
            image, "--region", "0,0,32,32", "--out", (out / "tha3.png").string()});
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
      {{"--character", character(), "--out", picture, "--region", "0,0, 8,8"}, "without blanks"},
      {{"--character", character(), "--out", picture, "--region", "0,0,8,8,"}, "X,Y,WIDTH,HEIGHT"},
      {{"--character", character(), "--out", picture, "--region", "4294967296,0,8,8"}, "X,Y,WIDTH,HEIGHT"},
      {{"--character", character(), "--out", picture, "--region", "500,0,100,100"},
       "does not lie within the frame"},
      {{"--character", character(), "--out", picture, "--precision", "fp8"}, "fp32, fp16 or bf16"},
      {{"--character", character(), "--out", picture, "--colour"}, "--colour"},
      {{"--character", character(), "--out", picture, "--image", "x.png"},
       "--image goes with --teacher only"},
      {{"--character", character(), "--out", picture, "--arch", "tha4"}, "--arch goes with --teacher only"},
      {{"--character", character(), "--out", picture, "--fit"}, "--fit goes with --image only"},
      {{"--teacher", "procedural:1", "--out", picture, "--arch", "tha3"}, "procedural:1 is a rig"},
      {{"--teacher", "procedural:1", "--out", picture, "--precision", "fp16"}, "--precision is of networks"},
      {{"--teacher", "procedural:1", "--out", picture, "--fit"}, "none is named"},
      {{"--teacher", "procedural:4..3", "--out", picture}, "procedural:FIRST..LAST"},
      {{"--teacher", "procedural:1..100000", "--out", picture}, "of 10000 seeds at most"},
      {{"--teacher", "procedural:1..401", "--out", picture}, "at most 400 pictures, not 401"},
      {{"--teacher", "procedural:1..2", "--dump", (out / "a.safetensors").string()}, "takes one character"},
      {{"--character", character(), "--out", picture, "--fps", "25"}, "--fps is the rate of a clip"},
      {{"--character", character(), "--out", (out / "a.mp4").string(), "--fps", "0"}, "--fps"},
      {{"--character", character(), "--poses", "random:100000", "--dump", (out / "a.safetensors").string()},
       "GiB"},
      {{"--teacher", (out / "none").string(), "--image", "none.png", "--out", picture}, "none' is not there"},
      {{"--teacher", std::string(THA4_FIXTURES_DIR) + "/random_teacher", "--image", "none.png", "--out",
        picture},
       "none.png"},
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
