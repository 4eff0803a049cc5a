#include <filesystem>

#include "distill/distill_fixture.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/distill/student_trainings.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Students that begin with the weights of another one.
class FirstWeightsRun : public DistillRun {
 protected:
  FirstWeightsRun() {
    torch::manual_seed(5);
    other_.face_morpher = SirenFaceMorpher(SirenOptions{.width = 8, .sine_layers = 2}).ptr();
    other_.body_rotator =
        SirenBodyRotator(SirenBodyRotatorOptions{.levels = {{128, 6}, {256, 5}, {512, 4}}, .sine_layers = 2})
            .ptr();
  }

  DistillJob job_with(const fs::path& out, RunStart start = RunStart::fresh) {
    DistillJob with = job("tiny_siren.json", out, start);
    with.first = other_;
    with.first_name = "another";
    return with;
  }

  static void still(std::vector<LearningRateStep>& rate) {
    for (LearningRateStep& step : rate) step.value = 0;
  }

  std::string refusal(DistillJob refused) {
    try {
      distill(opened(teacher_), refused);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  }

  Character other_ = small_character();
};

TEST_F(FirstWeightsRun, StayWhereTheLearningRateIsNone) {
  DistillJob with = job_with(fresh_path("first_still"));
  still(std::get<SirenFaceConfig>(with.config.face_morpher).learning_rate);
  still(std::get<SirenBodyConfig>(with.config.body_rotator).learning_rate);
  const Character made = distill(opened(teacher_), with).character;
  expect_equal(*other_.face_morpher, *made.face_morpher);
  expect_equal(*other_.body_rotator, *made.body_rotator);
}

TEST_F(FirstWeightsRun, AreKeptForTheProcessThatResumes) {
  const Character whole = distill(opened(teacher_), job_with(fresh_path("first_whole"))).character;
  const fs::path out = fresh_path("first_interrupted");
  StoppingUser user;
  WatchedPoser interrupting(teacher_, 0, {});
  // Before there is any checkpoint: the first call is for the subject of the run.
  interrupting.watch_face(2, [&] { user.stop(); });
  EXPECT_THROW(distill(opened(interrupting), job_with(out), user.context()), InterruptedError);
  const Character resumed =
      distill(opened(teacher_), job("tiny_siren.json", out, RunStart::resume)).character;
  expect_equal(*whole.face_morpher, *resumed.face_morpher);
  expect_equal(*whole.body_rotator, *resumed.body_rotator);
}

TEST_F(FirstWeightsRun, AreThoseThatTheRunWasStartedWith) {
  const fs::path out = fresh_path("first_other");
  StoppingUser user;
  WatchedPoser interrupting(teacher_, 0, {});
  interrupting.watch_face(2, [&] { user.stop(); });
  EXPECT_THROW(distill(opened(interrupting), job("tiny_siren.json", out), user.context()), InterruptedError);
  EXPECT_EQ(refusal(job_with(out, RunStart::resume)),
            out.string() + " was not started with the weights of another");
}

TEST_F(FirstWeightsRun, MustBeOfTheSameKindsAndSizes) {
  const fs::path out = fresh_path("first_refused");
  DistillJob wider = job_with(out);
  std::get<SirenFaceConfig>(wider.config.face_morpher).network.width = 9;
  EXPECT_EQ(
      refusal(wider),
      "the face morpher of another has siren.sine_layers.0.linear.weight of 8x41x1x1, where the settings "
      "make 9x41x1x1");
  DistillJob deeper = job_with(out);
  std::get<SirenFaceConfig>(deeper.config.face_morpher).network.sine_layers = 3;
  EXPECT_EQ(refusal(deeper),
            "the face morpher of another has no siren.sine_layers.2.linear.weight, which the settings make");
  DistillJob flatter = job_with(out);
  std::get<SirenFaceConfig>(flatter.config.face_morpher).network.sine_layers = 1;
  EXPECT_EQ(refusal(flatter), "the face morpher of another has more layers than the settings make");
  DistillJob single = job_with(out);
  single.first->body_rotator_kind = BodyRotatorKind::siren_single_resolution;
  EXPECT_EQ(
      refusal(single),
      "the body rotator of another is of the kind siren_single_resolution, where the settings make siren");
  DistillJob blendshape = job("tiny_blendshape.json", out);
  blendshape.first = other_;
  blendshape.first_name = "another";
  EXPECT_EQ(refusal(blendshape),
            "blendshapes are found anew for each character and cannot begin with the weights of another");
  EXPECT_FALSE(fs::exists(out)) << "nothing is begun";
}

}  // namespace
}  // namespace tha4
