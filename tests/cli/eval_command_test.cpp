#include <cmath>
#include <cstdlib>

#include "command_group.h"
#include "command_runner.h"
#include "report/occurrences.h"
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/image/image_io.h"
#include "tha4/metrics/psnr.h"
#include "tha4/pose/pose_file.h"
#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/character.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

const fs::path kPictures = fs::path(THA4_FIXTURES_DIR) / "metrics";
const std::string kRandomTeacher = std::string(THA4_FIXTURES_DIR) + "/random_teacher";
const std::string kSqueezeNet = (kPictures / "squeeze_features_random.pt").string();

CommandResult eval(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--device", "cpu"});
  return run_command_line("tha4-eval", arguments);
}

RgbaImage plain_picture(std::uint8_t red, std::uint8_t green, std::uint8_t blue, std::uint8_t alpha) {
  RgbaImage image(40, 30);
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    image.pixels[i] = red;
    image.pixels[i + 1] = green;
    image.pixels[i + 2] = blue;
    image.pixels[i + 3] = alpha;
  }
  return image;
}

TEST(EvalCommand, ComparesTwoPicturesAsTheReferenceDoes) {
  const fs::path json = fresh_folder("eval_pair") / "scores.json";
  const CommandResult result =
      eval({"images", (kPictures / "image_0.png").string(), (kPictures / "image_1.png").string(), "--metrics",
            "psnr,ssim,lpips", "--lpips-net", "squeeze", "--lpips-backbone", kSqueezeNet, "--json",
            json.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find("laid over white"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("PSNR (dB)"), std::string::npos) << result.output;
  const nlohmann::json scores = read_json_file(json), expected = read_json_file(kPictures / "expected.json");
  const nlohmann::json& pair = expected["pairs"][0];
  const nlohmann::json& image = scores["images"].at(0);
  EXPECT_EQ(image["name"], "image_0.png");
  EXPECT_NEAR(image["psnr"], pair["psnr"].get<double>(), 1e-4);
  EXPECT_NEAR(image["ssim"], pair["ssim"].get<double>(), 1e-4);
  EXPECT_NEAR(image["lpips"], pair["lpips_squeeze_random_backbone"].get<double>(), 1e-4);
  EXPECT_EQ(scores["summary"]["ssim"]["mean"], image["ssim"]);
  EXPECT_EQ(scores["settings"]["lpips"]["net"], "squeeze");
}

TEST(EvalCommand, MatchesFoldersByNameAndWritesAPage) {
  const fs::path folder = fresh_folder("eval_folders");
  for (int i = 0; i < 7; ++i) {
    const auto level = static_cast<std::uint8_t>(100 + i);
    const std::string name = "frame_" + std::to_string(i);
    write_image(folder / "a" / (name + ".png"), plain_picture(100, 100, 100, 255));
    write_image(folder / "b" / (name + ".webp"), plain_picture(level, level, level, 255));
  }
  write_text_file(folder / "a" / "notes.txt", "no picture");
  const fs::path json = folder / "scores.json", html = folder / "page.html";
  const CommandResult result = eval({"images", (folder / "a").string(), (folder / "b").string(), "--json",
                                     json.string(), "--html", html.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  const nlohmann::json scores = read_json_file(json);
  ASSERT_EQ(scores["images"].size(), 7U);
  EXPECT_EQ(scores["images"][0]["psnr"], "inf");
  for (std::size_t i = 1; i < 7; ++i) {
    const double psnr = 20 * std::log10(255.0 / static_cast<double>(i));
    EXPECT_EQ(scores["images"][i]["name"], "frame_" + std::to_string(i));
    EXPECT_NEAR(scores["images"][i]["psnr"], psnr, 1e-4);
  }
  EXPECT_NEAR(scores["summary"]["psnr"]["median"], 20 * std::log10(255.0 / 3), 1e-4);
  EXPECT_NEAR(scores["summary"]["psnr"]["min"], 20 * std::log10(255.0 / 6), 1e-4);
  EXPECT_EQ(scores["summary"]["psnr"]["max"], "inf");

  const std::string page = read_text_file(html);
  EXPECT_EQ(occurrences(page, "data:image/png;base64,"), 6U * 3) << "two best, two in the middle, two worst";
  EXPECT_EQ(occurrences(page, "<img"), occurrences(page, "data:image/png;base64,")) << "nothing is fetched";
  EXPECT_EQ(occurrences(page, "class=\"histogram\""), 2U);
  EXPECT_NE(page.find("best: frame_0"), std::string::npos);
  EXPECT_NE(page.find("median: frame_3"), std::string::npos);
  EXPECT_NE(page.find("worst: frame_6"), std::string::npos);
  EXPECT_NE(page.find("Without 1 values that are not finite"), std::string::npos);
}

TEST(EvalCommand, LaysTransparencyOverTheColorThatIsAskedFor) {
  const fs::path folder = fresh_folder("eval_background");
  write_image(folder / "clear.png", plain_picture(200, 0, 0, 0));
  write_image(folder / "white.png", plain_picture(255, 255, 255, 255));
  write_image(folder / "green.png", plain_picture(0, 200, 16, 255));
  const auto psnr = [&](const std::string& other, const std::vector<std::string>& more) {
    const fs::path json = folder / "scores.json";
    std::vector<std::string> arguments = {"images", (folder / "clear.png").string(),
                                          (folder / other).string(), "--json", json.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = eval(arguments);
    EXPECT_EQ(result.status, 0) << result.errors;
    const std::string color = more.empty() ? "white" : more[1];
    EXPECT_NE(result.output.find("laid over " + color), std::string::npos) << result.output;
    return read_json_file(json)["images"][0]["psnr"];
  };
  EXPECT_EQ(psnr("white.png", {}), "inf");
  EXPECT_NEAR(psnr("white.png", {"--background", "black"}), 0, 1e-6);
  EXPECT_EQ(psnr("green.png", {"--background", "#00c810"}), "inf");
}

TEST(EvalCommand, SaysInOneLineWhatIsWrong) {
  const fs::path folder = fresh_folder("eval_bad");
  write_image(folder / "a" / "one.png", plain_picture(1, 2, 3, 255));
  write_image(folder / "a" / "two.png", plain_picture(1, 2, 3, 255));
  write_image(folder / "b" / "one.png", plain_picture(1, 2, 3, 255));
  write_image(folder / "twice" / "one.png", plain_picture(1, 2, 3, 255));
  write_image(folder / "twice" / "one.webp", plain_picture(1, 2, 3, 255));
  write_image(folder / "large.png", RgbaImage(41, 30));
  write_image(folder / "tiny.png", RgbaImage(8, 8));
  fs::create_directories(folder / "empty");
  write_text_file(folder / "broken.png", "no picture");
  const auto in = [&](const std::string& name) { return (folder / name).string(); };
  const std::string one = in("a/one.png"), character = small_character_folder().string();
  const std::vector<BadUsage> cases = {
      {{}, "subcommand"},
      {{"studnet", "--character", character}, "did you mean 'student'?"},
      {{"images", one}, "b is required"},
      {{"images", one, in("none.png")}, "there is no " + in("none.png")},
      {{"images", one, in("a")}, "two pictures or two folders"},
      {{"images", one, in("broken.png")}, "broken.png"},
      {{"images", one, in("large.png")}, "is 40x30 pixels, but " + in("large.png") + " is 41x30"},
      {{"images", in("tiny.png"), in("tiny.png")}, "SSIM needs images of at least 11x11"},
      {{"images", in("a"), in("b")}, "b has no picture called two, which " + in("a") + " has"},
      {{"images", in("b"), in("a")}, "b has no picture called two, which " + in("a") + " has"},
      {{"images", in("b"), in("twice")}, "two pictures of one name"},
      {{"images", in("empty"), in("b")}, "empty has no .png"},
      {{"images", one, one, "--metrics", "mse"}, "'mse' is no metric"},
      {{"images", one, one, "--background", "grey"}, "#rrggbb"},
      {{"images", one, one, "--background", "#12345g"}, "#rrggbb"},
      {{"images", one, one, "--metrics", "psnr", "--lpips-backbone", kSqueezeNet}, "does not name lpips"},
      {{"images", in("none"), in("none"), "--metrics", "lpips"},
       "get https://download.pytorch.org/models/alexnet-owt-7be5be79.pth"},
      {{"images", in("none"), in("none"), "--metrics", "lpips", "--lpips-net", "vgg"}, "vgg16-397923af.pth"},
      {{"images", one, one, "--lpips-backbone", kSqueezeNet, "--lpips-net", "alex"},
       "alexnet-owt-7be5be79.pth"},
      {{"student", "--teacher", "procedural:1"}, "--character is required"},
      {{"student", "--character", character, "--teacher", character, "--image",
        std::string(THA4_SOURCE_DIR) + "/data/demo/character.png"},
       "is a character of another picture"},
      {{"student", "--character", character, "--teacher", character, "--arch", "tha3"}, "is a character"},
      {{"student", "--character", character, "--teacher", "rig"},
       "there is no " + character + "/character.vrm"},
      {{"student", "--character", character, "--teacher", in("none")}, "none"},
      {{"student", "--character", character, "--teacher", character, "--poses", "0"}, "--poses"},
      {{"student", "--character", character, "--teacher", character, "--poses", "2", "--pose-file", "x.json"},
       "excludes"},
      {{"teacher", "--teacher", kRandomTeacher}, "--data is required"},
      {{"teacher", "--teacher", in("none"), "--data", "procedural:20"}, "none"},
      {{"teacher", "--teacher", kRandomTeacher, "--data", "procedural:20", "--precision", "bf16", "--engine",
        "fused"},
       "--engine is fused, but the kernels have a precision of their own; leave it out"},
      {{"teacher", "--teacher", kRandomTeacher, "--data", in("none")}, "none"},
      {{"teacher", "--teacher", kRandomTeacher, "--data", "procedural:1:4"}, "is of the split test"},
      {{"teacher", "--teacher", kRandomTeacher, "--arch", "tha3", "--data", "procedural:20"},
       "random_teacher"},
  };
  for (const BadUsage& usage : cases) {
    const CommandResult result = eval(usage.arguments);
    EXPECT_EQ(result.status, 2) << usage.message << "\n" << result.errors;
    EXPECT_NE(result.errors.find(usage.message), std::string::npos) << usage.message << "\n" << result.errors;
    EXPECT_EQ(occurrences(result.errors, "error:"), 1U) << result.errors;
    const std::string line = result.errors.substr(result.errors.find("tha4-eval: error:"));
    EXPECT_EQ(occurrences(line, "\n"), 1U) << result.errors;
  }
}

/// A copy of the small character whose body rotator moves more.
fs::path changed_character() {
  const fs::path folder = fresh_folder("eval_changed");
  Character character = load_character(small_character_folder());
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : character.body_rotator->parameters()) parameter.mul_(1.01);
  save_character(character, folder);
  return folder;
}

TEST(EvalCommand, ComparesAStudentWithItsTeacherPoseByPose) {
  const fs::path folder = fresh_folder("eval_student"), changed = changed_character();
  const std::vector<Pose> poses = sample_poses(PoseDistribution::natural, 2, 7);
  const CommandResult result =
      eval({"student", "--character", changed.string(), "--teacher", small_character_folder().string(),
            "--poses", "2", "--seed", "7", "--json", (folder / "scores.json").string(), "--batch", "2"});
  ASSERT_EQ(result.status, 0) << result.errors;
  const nlohmann::json scores = read_json_file(folder / "scores.json");
  ASSERT_EQ(scores["images"].size(), 2U);
  StudentPoser teacher(load_character(small_character_folder()), c10::Device(c10::kCPU));
  StudentPoser student(load_character(changed), c10::Device(c10::kCPU));
  const at::Tensor expected =
      network_psnr(teacher.pose(to_tensor(poses)).blended, student.pose(to_tensor(poses)).blended);
  for (std::size_t i = 0; i < 2; ++i) {
    const nlohmann::json& image = scores["images"][i];
    EXPECT_EQ(image["name"], "pose " + std::to_string(i + 1));
    EXPECT_NEAR(image["student"]["network_psnr"], expected[static_cast<std::int64_t>(i)].item<double>(),
                1e-3);
    EXPECT_GT(image["student"]["psnr"], 10);
    EXPECT_LT(image["student"]["ssim"], 1);
  }
}

TEST(EvalCommand, FindsNoDifferenceBetweenACharacterAndItselfInThePosesOfAFile) {
  const fs::path folder = fresh_folder("eval_same");
  write_pose_file(folder / "poses.json", {Pose{}});
  const std::string character = small_character_folder().string();
  // By several threads on busy cores, one run in fifty of LibTorch's layers rounds otherwise than the others.
  ::setenv("OMP_NUM_THREADS", "1", 1);
  const CommandResult result =
      eval({"student", "--character", character, "--teacher", character, "--pose-file",
            (folder / "poses.json").string(), "--json", (folder / "scores.json").string()});
  ::unsetenv("OMP_NUM_THREADS");
  ASSERT_EQ(result.status, 0) << result.errors;
  const nlohmann::json scores = read_json_file(folder / "scores.json");
  EXPECT_EQ(scores["images"].size(), 1U);
  EXPECT_EQ(scores["summary"]["student"]["network_psnr"]["mean"], "inf");
  EXPECT_EQ(scores["summary"]["student"]["psnr"]["mean"], "inf");
  EXPECT_NEAR(scores["summary"]["student"]["ssim"]["mean"], 1, 1e-9);
}

/// A teacher's networks pose the character's own picture.
TEST(EvalCommand, TakesTheRigBesideThePictureAsTeacher) {
  const fs::path demo = fs::path(THA4_SOURCE_DIR) / "data" / "demo";
  const fs::path folder = fresh_folder("eval_rig");
  Character character = load_character(small_character_folder());
  character.image = read_image(demo / "character.png");
  save_character(character, folder / "character");
  const auto teacher_of = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"student",   "--character", (folder / "character").string(),
                                          "--teacher", "rig",         "--poses",
                                          "1",         "--json",      (folder / "scores.json").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = eval(arguments);
    EXPECT_EQ(result.status, 0) << result.errors;
    return result.status == 0 ? read_json_file(folder / "scores.json")["settings"]["teacher"] : "";
  };
  EXPECT_EQ(teacher_of({"--image", (demo / "character.png").string()}), (demo / "character.vrm").string());
  fs::copy_file(demo / "character.vrm", folder / "character" / "character.vrm");
  EXPECT_EQ(teacher_of({}), (folder / "character" / "character.vrm").string());
}

TEST(EvalCommand, ComparesAStudentWithATeachersNetworks) {
  const fs::path json = fresh_folder("eval_networks") / "scores.json";
  const CommandResult result =
      eval({"student", "--character", small_character_folder().string(), "--teacher", kRandomTeacher,
            "--poses", "1", "--metrics", "psnr", "--json", json.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_LT(read_json_file(json)["summary"]["student"]["psnr"]["mean"], 30) << "of random weights";
}

/// Two characters for tests, in two poses each, written once for all tests of the process.
const fs::path& evaluated_dataset() {
  static const fs::path folder = [] {
    const fs::path out = fresh_folder("eval_dataset") / "tiny";
    const CommandResult result =
        run_command_line("tha4-make-dataset", {"--characters", "procedural:2:7", "--poses-per-character", "2",
                                               "--test-fraction", "1", "--out", out.string()});
    EXPECT_EQ(result.status, 0) << result.errors;
    return out;
  }();
  return folder;
}

/// Starts two processes; each must succeed.
void run_two(const std::vector<std::string>& arguments) {
  for (const CommandResult& result : run_command_group("tha4-eval", arguments, 2)) {
    EXPECT_EQ(result.status, 0) << result.errors;
  }
}

TEST(EvalCommand, ScoresATeacherOnTestDataWithAnyNumberOfProcesses) {
  const fs::path folder = fresh_folder("eval_teacher");
  const auto arguments = [&](const std::string& name) -> std::vector<std::string> {
    return {"teacher",
            "--teacher",
            kRandomTeacher,
            "--data",
            evaluated_dataset().string(),
            "--json",
            (folder / (name + ".json")).string(),
            "--device",
            "cpu",
            "--metrics",
            "psnr",
            "--images",
            "2"};
  };
  const CommandResult result = run_command_line("tha4-eval", arguments("one"));
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find("rest image: seen PSNR (dB)"), std::string::npos) << result.output;
  run_two(arguments("two"));
  const nlohmann::json one = read_json_file(folder / "one.json"), two = read_json_file(folder / "two.json");
  ASSERT_EQ(one["images"].size(), 2U);
  ASSERT_EQ(two["images"].size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const nlohmann::json &alone = one["images"][i], &shared = two["images"][i];
    EXPECT_EQ(alone["name"], shared["name"]);
    EXPECT_NEAR(alone["rest_image"]["psnr"], shared["rest_image"]["psnr"].get<double>(), 1e-9);
    EXPECT_NEAR(alone["teacher"]["network_psnr"], shared["teacher"]["network_psnr"].get<double>(), 1e-2);
    EXPECT_GT(alone["rest_image"]["psnr"], alone["teacher"]["psnr"]) << "networks with random weights";
  }
}

// The weights that come with the project are whole, and worth something: they move characters that they have
// never seen to where these belong, which leaves a picture that does not move far behind.
TEST(EvalCommand, TakesTheProjectsOwnTeacherWhereNoneIsNamed) {
  const fs::path json = fresh_folder("eval_base") / "scores.json";
  const CommandResult result = eval({"teacher", "--data", evaluated_dataset().string(), "--metrics", "psnr",
                                     "--images", "2", "--json", json.string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  const auto scores = read_json_file(json);
  EXPECT_EQ(scores["settings"]["arch"], "compact");
  for (const auto& image : scores["images"]) {
    EXPECT_GT(image["teacher"]["psnr"].get<double>(), image["rest_image"]["psnr"].get<double>() + 3) << image;
  }
}

TEST(EvalCommand, ScoresTheBaselineOnCharactersDrawnOnLine) {
  const fs::path folder = fresh_folder("eval_baseline");
  const CommandResult result =
      eval({"teacher", "--arch", "tha3", "--teacher", std::string(THA4_FIXTURES_DIR) + "/random_tha3_teacher",
            "--data", "procedural:3", "--split", "train", "--images", "1", "--batch", "2", "--html",
            (folder / "page.html").string()});
  ASSERT_EQ(result.status, 0) << result.errors;
  EXPECT_NE(result.output.find("(THA3) on 1 image of the train split"), std::string::npos) << result.output;
  const std::string page = read_text_file(folder / "page.html");
  EXPECT_EQ(occurrences(page, "data:image/png;base64,"), 4U) << "rest, posed, teacher and difference";
}

}  // namespace
}  // namespace tha4
