#include <csignal>
#include <filesystem>
#include <functional>
#include <limits>

#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/interrupt.h"
#include "tha4/base/progress.h"
#include "tha4/nn/siren_body_rotator.h"
#include "tha4/poser/student_poser.h"
#include "tha4/train/blendshape_fitting.h"
#include "tha4/train/distiller.h"
#include "tha4/train/face_mask.h"
#include "tha4/train/fitting_loop.h"
#include "tha4/weights/checkpoint.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// A small character as the teacher: narrow SIRENs over a disc, its movements kept small.
Character small_character() {
  torch::manual_seed(1);
  Character character;
  character.image = RgbaImage(512, 512);
  for (int y = 0; y < 512; ++y) {
    for (int x = 0; x < 512; ++x) {
      std::uint8_t* pixel = &character.image.pixels[(static_cast<std::size_t>(y) * 512 + x) * 4];
      const bool inside = (x - 256) * (x - 256) + (y - 200) * (y - 200) < 150 * 150;
      pixel[0] = static_cast<std::uint8_t>(x / 2);
      pixel[1] = static_cast<std::uint8_t>(y / 2);
      pixel[2] = 90;
      pixel[3] = inside ? 255 : 0;
    }
  }
  SirenFaceMorpher face(SirenOptions{.width = 8, .sine_layers = 2});
  SirenBodyRotator body(SirenBodyRotatorOptions{.levels = {{128, 6}, {256, 5}, {512, 4}}, .sine_layers = 2});
  torch::NoGradGuard no_grad;
  state_dict_of(*body)["last_linear.weight"].mul_(0.02);
  state_dict_of(*body)["last_linear.bias"].mul_(0.02);
  character.face_morpher = face.ptr();
  character.body_rotator = body.ptr();
  return character;
}

/// A teacher that does something at one of its calls; otherwise it is the one it wraps.
class WatchedPoser final : public Poser {
 public:
  WatchedPoser(Poser& poser, int at_call, std::function<void(PosedFrame&)> action)
      : poser_(poser), at_call_(at_call), action_(std::move(action)) {}

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
    PosedFrame frame = poser_.pose(poses, window);
    if (++calls_ == at_call_) action_(frame);
    return frame;
  }
  at::Tensor face(const at::Tensor& poses) override { return poser_.face(poses); }
  const at::Tensor& rest_image() const override { return poser_.rest_image(); }
  at::Device device() const override { return poser_.device(); }

 private:
  Poser& poser_;
  int at_call_;
  int calls_ = 0;
  std::function<void(PosedFrame&)> action_;
};

/// A fitting during one of whose steps the process is asked to stop.
class InterruptedFitting final : public Fitting {
 public:
  InterruptedFitting(Fitting& fitting, int at_step) : fitting_(fitting), at_step_(at_step) {}

  std::string name() const override { return fitting_.name(); }
  std::int64_t total_examples() const override { return fitting_.total_examples(); }
  FittingStep step(std::int64_t examples_seen) override {
    if (++steps_ == at_step_) std::raise(SIGINT);
    return fitting_.step(examples_seen);
  }
  StateDict network_state() const override { return fitting_.network_state(); }
  StateDict optimizer_state() const override { return fitting_.optimizer_state(); }
  void restore(const StateDict& network, const StateDict& optimizer, const std::string& source) override {
    fitting_.restore(network, optimizer, source);
  }
  RgbaImage sample() override { return fitting_.sample(); }

 private:
  Fitting& fitting_;
  int at_step_;
  int steps_ = 0;
};

fs::path fresh(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / name;
  fs::remove_all(folder);
  return folder;
}

class DistillRun : public testing::Test {
 protected:
  void SetUp() override { set_progress_visible(false); }

  DistillJob job(const std::string& settings, const fs::path& out, RunStart start = RunStart::fresh) {
    DistillJob result;
    result.image = character_.image;
    result.settings = read_json_file(fs::path(THA4_TEST_DATA_DIR) / "distill" / settings);
    result.config = parse_distill_config(result.settings, settings);
    result.teacher = "a small character";
    result.out = out;
    result.start = start;
    return result;
  }

  /// Interrupts a run at a call of its teacher, resumes it, and compares it with one that was not
  /// interrupted.
  void expect_resumed_run_equals_whole_one(const std::string& settings, int at_call) {
    const Character whole = distill(teacher_, job(settings, fresh("whole_" + settings))).character;
    const fs::path out = fresh("interrupted_" + settings);
    install_interrupt_handler();
    WatchedPoser interrupting(teacher_, at_call, [](PosedFrame&) { std::raise(SIGTERM); });
    EXPECT_THROW(distill(interrupting, job(settings, out)), InterruptedError);
    EXPECT_FALSE(fs::exists(out / "character_model.yaml"));
    install_interrupt_handler();
    const Character resumed = distill(teacher_, job(settings, out, RunStart::resume)).character;
    expect_equal(*whole.face_morpher, *resumed.face_morpher);
    expect_equal(*whole.body_rotator, *resumed.body_rotator);
    EXPECT_EQ(fs::exists(out / "preview.mp4"), job(settings, out).config.preview);
  }

  static void expect_equal(const torch::nn::Module& a, const torch::nn::Module& b) {
    const StateDict expected = state_dict_of(a);
    const StateDict actual = state_dict_of(b);
    for (const auto& item : expected)
      EXPECT_TRUE(torch::equal(item.value(), actual[item.key()])) << item.key();
  }

  Character character_ = small_character();
  StudentPoser teacher_{character_, torch::kCPU};
};

TEST_F(DistillRun, LeavesACharacterFolderWithItsReport) {
  const fs::path out = fresh("distilled");
  const DistillResult result = distill(teacher_, job("tiny_blendshape.json", out));
  for (const char* file :
       {"character.png", "character_model.yaml", "face_morpher.pt", "body_morpher.pt", "report.json",
        "report.html", "preview.mp4", "face_mask.png", "config.json", "log.txt"}) {
    EXPECT_TRUE(fs::exists(out / file)) << file;
  }
  EXPECT_FALSE(fs::exists(out / "teacher_frames"));
  EXPECT_FALSE(fs::is_empty(out / "samples"));
  EXPECT_EQ(load_character(out).body_rotator_kind, BodyRotatorKind::blendshape);
  const auto report = read_json_file(out / "report.json");
  EXPECT_EQ(report["opens_in_official_apps"], false);
  EXPECT_NEAR(report["held_out"]["student_psnr"]["network"].get<double>(), result.score.student_network,
              1e-6);
  // Even a tiny student does better than a picture that does not move.
  EXPECT_GT(result.score.student_network, result.score.rest_network);
}

TEST_F(DistillRun, BlendshapeInterruptedAmongTheTeachersFramesResumesToTheSameWeights) {
  expect_resumed_run_equals_whole_one("tiny_blendshape.json", 3);
}

TEST_F(DistillRun, BlendshapeBodyInterruptedWhileFittingResumesToTheSameWeights) {
  const DistillJob settings = job("tiny_blendshape.json", {});
  const auto& config = std::get<BlendshapeBodyConfig>(settings.config.body_rotator);
  const auto frames = [&] {
    return collect_teacher_frames(teacher_, draw_poses(settings.config.poses, config.frames, 1),
                                  config.map_size, {2, fs::path(testing::TempDir()) / "fitting_frames"});
  };
  const auto fit = [&](const fs::path& out, RunStart start, int interrupted_at_step) {
    const RunFolder run(out, settings.settings, start);
    BlendshapeBodyFitting fitting(frames(), teacher_.rest_image(), config);
    InterruptedFitting watched(fitting, interrupted_at_step);
    ProcessGroup alone;
    FittingLoop loop(&run, run.path(), {.checkpoint_seconds = 1e9, .samples = 1}, start == RunStart::resume,
                     alone);
    loop.run(watched);
    return fitting.network();
  };
  const auto whole = fit(fresh("fit_whole"), RunStart::fresh, -1);
  // 50 steps of regression come before 6 of fine tuning.
  for (const int step : {20, 50, 53}) {
    const fs::path out = fresh("fit_interrupted");
    install_interrupt_handler();
    EXPECT_THROW(fit(out, RunStart::fresh, step), InterruptedError);
    install_interrupt_handler();
    expect_equal(*whole, *fit(out, RunStart::resume, -1));
  }
}

TEST_F(DistillRun, SirenResumesToTheSameWeights) {
  expect_resumed_run_equals_whole_one("tiny_siren.json", 4);
}

TEST_F(DistillRun, CannotBeResumedWithAnotherTeacher) {
  const fs::path out = fresh("other_teacher");
  install_interrupt_handler();
  WatchedPoser interrupting(teacher_, 2, [](PosedFrame&) { std::raise(SIGTERM); });
  EXPECT_THROW(distill(interrupting, job("tiny_siren.json", out)), InterruptedError);
  install_interrupt_handler();
  Character other = small_character();
  torch::manual_seed(2);
  other.face_morpher = SirenFaceMorpher(SirenOptions{.width = 8, .sine_layers = 2}).ptr();
  StudentPoser other_teacher(other, torch::kCPU);
  EXPECT_THROW(distill(other_teacher, job("tiny_siren.json", out, RunStart::resume)), InputError);
}

TEST_F(DistillRun, ALossThatIsNotFiniteStopsWithTheLastGoodCheckpoint) {
  const fs::path out = fresh("not_finite");
  WatchedPoser broken(teacher_, 6, [](PosedFrame& frame) {
    frame.blended = torch::full_like(frame.blended, std::numeric_limits<float>::quiet_NaN());
  });
  try {
    distill(broken, job("tiny_siren.json", out));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("body_rotator"), std::string::npos) << error.what();
    EXPECT_EQ(error.exit_code(), 1);
  }
  const auto file = latest_checkpoint(out);
  ASSERT_TRUE(file);
  for (const auto& item : read_checkpoint(*file).tensors) {
    EXPECT_TRUE(item.value().isfinite().all().item<bool>()) << item.key();
  }
}

TEST_F(DistillRun, TheFaceMaskIsWhereTheFaceMoves) {
  torch::NoGradGuard no_grad;
  // A teacher whose eye winks in one corner of the crop, and whose outline wavers in another one.
  class WinkingPoser final : public Poser {
   public:
    explicit WinkingPoser(Poser& poser) : poser_(poser) {}
    PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
      return poser_.pose(poses, window);
    }
    at::Tensor face(const at::Tensor& poses) override {
      auto faces = torch::zeros({poses.size(0), 4, 128, 128});
      const auto wink = poses.narrow(1, 12, 1).view({-1, 1, 1, 1});
      faces.narrow(2, 40, 10).narrow(3, 30, 20).add_(wink);
      const auto wavering = poses.narrow(1, 40, 1).view({-1, 1, 1, 1});
      faces.narrow(2, 0, 2).add_(0.05 * wavering);
      return faces;
    }
    const at::Tensor& rest_image() const override { return poser_.rest_image(); }
    at::Device device() const override { return poser_.device(); }

   private:
    Poser& poser_;
  } winking(teacher_);
  const auto mask = derive_face_mask(winking, PoseSource{}, 50, 8);
  EXPECT_EQ(mask.sizes(), (std::vector<std::int64_t>{1, 128, 128}));
  EXPECT_EQ(mask[0].narrow(0, 40, 10).narrow(1, 30, 20).min().item<double>(), 1);
  EXPECT_EQ(mask[0][25][40].item<double>(), 0);
  EXPECT_EQ(mask[0][100][100].item<double>(), 0);
  EXPECT_EQ(mask[0].narrow(0, 0, 2).max().item<double>(), 0);
}

}  // namespace
}  // namespace tha4
