#include <filesystem>
#include <limits>
#include <optional>

#include "distill/distill_fixture.h"
#include "input_error_message.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/atomic_file.h"
#include "tha4/distill/blendshape_training.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/image/image_io.h"
#include "tha4/train/training_loop.h"
#include "tha4/weights/checkpoint.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// A training during one of whose steps a stop is requested.
class InterruptedTraining final : public Training {
 public:
  InterruptedTraining(Training& training, int at_step, StoppingUser& user)
      : training_(training), at_step_(at_step), user_(user) {}

  std::string name() const override { return training_.name(); }
  std::int64_t total_examples() const override { return training_.total_examples(); }
  TrainingStep step(std::int64_t examples_seen) override {
    if (++steps_ == at_step_) user_.stop();
    return training_.step(examples_seen);
  }
  TrainingState state() const override { return training_.state(); }
  void restore(const TrainingState& state, const std::string& source) override {
    training_.restore(state, source);
  }
  TrainingParts parts() override { return training_.parts(); }

 private:
  Training& training_;
  int at_step_;
  StoppingUser& user_;
  int steps_ = 0;
};

/// Interrupts a run at a call of its teacher, resumes it, and compares it with one that was not interrupted.
class ResumedRun : public DistillRun {
 protected:
  void expect_resumed_run_equals_whole_one(const std::string& settings, int at_call) {
    StoppingUser user;
    WatchedPoser interrupting(teacher_, at_call, [&](PosedFrame&) { user.stop(); });
    expect_equals_whole_one(settings, interrupting, user);
  }

  void expect_equals_whole_one(const std::string& settings, Poser& interrupting, const StoppingUser& user) {
    const fs::path whole_run = fresh_path("whole_" + settings);
    const Character whole = distill(opened(teacher_), job(settings, whole_run)).character;
    const std::string whole_log = read_text_file(whole_run / "log.txt");
    const fs::path out = fresh_path("interrupted_" + settings);
    EXPECT_THROW(distill(opened(interrupting), job(settings, out), user.context()), InterruptedError);
    const Character resumed = distill(opened(teacher_), job(settings, out, RunStart::resume)).character;
    expect_equal(*whole.face_morpher, *resumed.face_morpher);
    expect_equal(*whole.body_rotator, *resumed.body_rotator);
    EXPECT_FALSE(read_text_file(out / "log.txt").empty());
    EXPECT_EQ(read_text_file(whole_run / "log.txt"), whole_log) << "of a run that had ended before";
    EXPECT_EQ(fs::exists(out / "preview.mp4"), job(settings, out).config.preview);
  }
};

TEST_F(DistillRun, LeavesACharacterFolderWithItsReport) {
  const fs::path out = fresh_path("distilled");
  const DistillResult result = distill(opened(teacher_), job("tiny_blendshape.json", out));
  for (const char* file :
       {"character.png", "character_model.yaml", "face_morpher.safetensors", "body_morpher.safetensors",
        "report.json", "report.html", "preview.mp4", "face_mask.png", "config.json", "log.txt"}) {
    EXPECT_TRUE(fs::exists(out / file)) << file;
  }
  EXPECT_FALSE(fs::exists(out / "teacher_frames"));
  EXPECT_FALSE(fs::is_empty(out / "samples"));
  EXPECT_EQ(load_character(out).body_rotator_kind, BodyRotatorKind::blendshape);
  const auto report = read_json_file(out / "report.json");
  EXPECT_EQ(report["opens_in_official_apps"], false);
  EXPECT_NEAR(report["held_out"]["student_psnr"]["network"].get<double>(), result.score.student.network,
              1e-6);
  // Even a tiny student does better than a picture that does not move.
  EXPECT_GT(result.score.student.network, result.score.rest.network);
}

TEST_F(ResumedRun, BlendshapeInterruptedAmongTheTeachersFramesResumesToTheSameWeights) {
  expect_resumed_run_equals_whole_one("tiny_blendshape.json", 3);
}

TEST_F(DistillRun, BodyOfMovingMapsIsDistilledAndLoadedAgain) {
  const fs::path out = fresh_path("moving");
  const DistillResult result = distill(opened(teacher_), job("tiny_moving.json", out));
  const Character character = load_character(out);
  const auto& body = dynamic_cast<const BlendshapeBodyRotatorImpl&>(*character.body_rotator);
  ASSERT_TRUE(body.motion);
  EXPECT_EQ(body.motion->options().size, 4);
  EXPECT_GT(body.motion->basis.abs().max().item<double>(), 0);
  EXPECT_GT(result.score.student.network, result.score.rest.network);
}

/// Trains bodies, and interrupts their training.
class InterruptedBody : public DistillRun {
 protected:
  void expect_the_same_weights(const std::string& settings_file);
};

TEST_F(InterruptedBody, OfMapsThatStayResumesToTheSameWeights) {
  expect_the_same_weights("tiny_blendshape.json");
}

TEST_F(InterruptedBody, OfMapsThatMoveResumesToTheSameWeights) {
  expect_the_same_weights("tiny_moving.json");
}

void InterruptedBody::expect_the_same_weights(const std::string& settings_file) {
  const DistillJob settings = job(settings_file, {});
  const auto& config = std::get<BlendshapeBodyConfig>(settings.config.body_rotator);
  const auto frames = [&] {
    return collect_teacher_frames(teacher_, draw_poses(settings.config.poses, config.frames, 1),
                                  {config.map_size, config.appearance_map()},
                                  {2, fs::path(testing::TempDir()) / "training_frames"});
  };
  const auto train = [&](const fs::path& out, RunStart start, int interrupted_at_step) {
    const RunFolder run(out, to_json(settings.config), start);
    BlendshapeBodyTraining training(frames(), teacher_.rest_image(), config, torch::kCPU);
    StoppingUser user;
    InterruptedTraining watched(training, interrupted_at_step, user);
    ProcessGroup alone;
    TrainingLoop loop(&run, run.path(), {.checkpoint_seconds = 1e9, .samples = 1}, start == RunStart::resume,
                      alone, user.context());
    loop.run(watched);
    return training.network();
  };
  const auto whole = train(fresh_path("training_whole"), RunStart::fresh, -1);
  // 50 steps of regression come before 6 of fine tuning.
  for (const int step : {20, 50, 53}) {
    const fs::path out = fresh_path("training_interrupted");
    EXPECT_THROW(train(out, RunStart::fresh, step), InterruptedError);
    expect_equal(*whole, *train(out, RunStart::resume, -1));
  }
}

TEST_F(ResumedRun, SirenResumesToTheSameWeights) {
  expect_resumed_run_equals_whole_one("tiny_siren.json", 4);
}

/// By LibTorch's layers, with all that goes beyond the paper's schedule.
TEST_F(DistillRun, SirenOfFramesThatAreMadeOnceResumesToTheSameWeights) {
  DistillConfig config = job("tiny_siren.json", {}).config;
  auto& body = std::get<SirenBodyConfig>(config.body_rotator);
  body.steps = {.frames = 5,
                .warm_up_examples = body.examples / 3,
                .rate_falls = true,
                .max_gradient_norm = 0.5,
                .weight_average = 0.9};
  const auto train = [&](const fs::path& out, RunStart start, int interrupted_at_step) {
    const RunFolder run(out, to_json(config), start);
    const auto training = make_body_training(teacher_, config, {});
    StoppingUser user;
    InterruptedTraining watched(*training, interrupted_at_step, user);
    ProcessGroup alone;
    TrainingLoop loop(&run, run.path(), {.checkpoint_seconds = 1e9, .samples = 1}, start == RunStart::resume,
                      alone, user.context());
    loop.run(watched);
    return training->exported_state();
  };
  const StateDict whole = train(fresh_path("stored_whole"), RunStart::fresh, -1);
  const fs::path out = fresh_path("stored_interrupted");
  EXPECT_THROW(train(out, RunStart::fresh, 2), InterruptedError);
  const StateDict resumed = train(out, RunStart::resume, -1);
  for (const auto& item : whole) EXPECT_TRUE(torch::equal(item.value(), resumed[item.key()])) << item.key();
}

TEST_F(ResumedRun, InterruptedAmongTheCropsForTheMaskResumesToTheSameWeights) {
  StoppingUser user;
  WatchedPoser interrupting(teacher_, 0, {});
  // The first call is for the subject of the run.
  interrupting.watch_face(2, [&] { user.stop(); });
  expect_equals_whole_one("tiny_siren.json", interrupting, user);
}

TEST_F(DistillRun, WhatARunHasNotStoredCountsAsItsDefault) {
  const fs::path out = fresh_path("stored_before"), file = out / "config.json";
  StoppingUser user;
  WatchedPoser interrupting(teacher_, 4, [&](PosedFrame&) { user.stop(); });
  const auto resume = [&](bool preview) {
    DistillJob again = job("tiny_siren.json", out, RunStart::resume);
    again.config.preview = preview;
    distill(opened(interrupting), again, user.context());
  };
  EXPECT_THROW(distill(opened(interrupting), job("tiny_siren.json", out), user.context()), InterruptedError);
  nlohmann::json stored = read_json_file(file);
  ASSERT_EQ(stored.erase("preview"), 1U);
  write_text_file(file, stored.dump());
  EXPECT_THROW(resume(true), InterruptedError) << "which is the default";
  EXPECT_EQ(input_error_message([&] { resume(false); }),
            "'preview' is true in " + file.string() + " and false now");
}

TEST_F(DistillRun, TheMaskIsKeptForTheProcessThatResumes) {
  const fs::path out = fresh_path("mask_kept");
  interrupt(job("tiny_siren.json", out), 4);
  const RgbaImage mask = read_image(out / "face_mask.png");
  WatchedPoser resuming(teacher_, 0, {});
  distill(opened(resuming), job("tiny_siren.json", out, RunStart::resume));
  EXPECT_EQ(resuming.faces(), 1) << "only to see that it is the same teacher";
  EXPECT_EQ(read_image(out / "face_mask.png").pixels, mask.pixels);
}

TEST_F(DistillRun, ABlendshapeFaceCostsNoTeacherFramesForItsMask) {
  const fs::path out = fresh_path("mask_of_crops");
  DistillJob with_mask = job("tiny_blendshape.json", out);
  with_mask.config.preview = false;
  WatchedPoser counting(teacher_, 0, {});
  distill(opened(counting), with_mask);
  const int crops = std::get<BlendshapeFaceConfig>(with_mask.config.face_morpher).crops;
  EXPECT_EQ(counting.faces(), 1 + crops);
  EXPECT_TRUE(fs::exists(out / "face_mask.png"));
  EXPECT_EQ(read_text_file(out / "log.txt").find("has no effect"), std::string::npos);
}

TEST_F(DistillRun, SaysThatAMaskHasNoEffectOnABlendshapeFace) {
  const fs::path out = fresh_path("mask_without_effect");
  DistillJob with_mask = job("tiny_blendshape.json", out);
  with_mask.mask = torch::ones({1, 128, 128});
  StoppingUser user;
  WatchedPoser interrupting(teacher_, 0, {});
  interrupting.watch_face(2, [&] { user.stop(); });
  EXPECT_THROW(distill(opened(interrupting), with_mask, user.context()), InterruptedError);
  EXPECT_NE(read_text_file(out / "log.txt").find("the face mask has no effect on a blendshape face"),
            std::string::npos);
}

TEST_F(DistillRun, CannotBeResumedWithAnotherMask) {
  const auto mask = [](int rows) {
    auto values = torch::zeros({1, 128, 128});
    values.narrow(1, 0, rows).fill_(1);
    return values;
  };
  const auto start = [&](const fs::path& out, const std::optional<at::Tensor>& given) {
    DistillJob started = job("tiny_siren.json", out);
    started.mask = given;
    interrupt(started, 2);
  };
  const auto resume = [&](const fs::path& out, const std::optional<at::Tensor>& given) -> std::string {
    DistillJob resumed = job("tiny_siren.json", out, RunStart::resume);
    resumed.mask = given;
    try {
      distill(opened(teacher_), resumed);
    } catch (const InputError& error) {
      EXPECT_EQ(error.remedy().kind, Remedy::same_run_or_other_output);
      return error.what();
    }
    return "resumed";
  };
  const fs::path with = fresh_path("resumed_mask");
  start(with, mask(40));
  EXPECT_EQ(resume(with, {}), with.string() + " was started with a face mask");
  EXPECT_NE(resume(with, mask(41)).find("was started with another face mask"), std::string::npos);
  EXPECT_EQ(resume(with, mask(40)), "resumed");
  const fs::path without = fresh_path("resumed_without_mask");
  start(without, {});
  EXPECT_NE(resume(without, mask(40)).find("was started without a face mask"), std::string::npos);
}

TEST_F(DistillRun, CannotBeResumedWithAnotherTeacher) {
  const fs::path out = fresh_path("other_teacher");
  interrupt(job("tiny_siren.json", out), 2);
  Character other = small_character();
  torch::manual_seed(2);
  other.face_morpher = SirenFaceMorpher(SirenOptions{.width = 8, .sine_layers = 2}).ptr();
  StudentPoser other_teacher(other, torch::kCPU);
  EXPECT_THROW(distill(opened(other_teacher), job("tiny_siren.json", out, RunStart::resume)), InputError);
}

// A GPU's products of 16 bits and a CPU's of 32 differ by 6e-4 as a rule, and by 0.023 here and there.
TEST_F(DistillRun, IsResumedWhereTheSameTeacherRoundsOtherwise) {
  const fs::path out = fresh_path("same_teacher");
  interrupt(job("tiny_siren.json", out), 2);
  const StateDict subject = read_safetensors(out / "subject.safetensors");
  StateDict rounded;
  for (const auto& item : subject) {
    torch::Tensor values = item.value().clone();
    values.flatten()[7] += 0.03;
    rounded.insert(item.key(), values);
  }
  write_safetensors(out / "subject.safetensors", rounded);
  EXPECT_NO_THROW(distill(opened(teacher_), job("tiny_siren.json", out, RunStart::resume)));
}

TEST_F(DistillRun, ALossThatIsNotFiniteStopsWithTheLastGoodCheckpoint) {
  using Limits = std::numeric_limits<float>;
  for (const float value : {Limits::quiet_NaN(), Limits::infinity()}) {
    const fs::path out = fresh_path("not_finite");
    WatchedPoser broken(
        teacher_, 6, [value](PosedFrame& frame) { frame.blended = torch::full_like(frame.blended, value); });
    try {
      distill(opened(broken), job("tiny_siren.json", out));
      FAIL() << "no error";
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("body_rotator"), std::string::npos) << message;
      EXPECT_EQ(error.remedy().kind, Remedy::lower_learning_rate) << message;
      EXPECT_EQ(error.exit_code(), 1);
    }
    const auto file = latest_checkpoint(out);
    ASSERT_TRUE(file);
    for (const auto& item : read_checkpoint(*file).tensors) {
      EXPECT_TRUE(item.value().isfinite().all().item<bool>()) << item.key();
    }
  }
}

}  // namespace
}  // namespace tha4
