#include <memory>
#include <vector>

#include "distill/distill_fixture.h"
#include "gpu_siren.h"
#include "gpu_siren_training.h"
#include "gpu_test.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/distill/siren_training.h"
#include "tha4/distill/student_trainings.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

/// Trainings by kernels, of a small student of a small character.
class GpuTraining : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (IsSkipped()) return;
    Character character = small_character();
    {
      // Colours beyond [-1, 1] are no colours: 8 bits cut them off.
      const torch::NoGradGuard no_grad;
      state_dict_of(*character.face_morpher)["siren.last_linear.weight"].mul_(0.2);
    }
    teacher_ = std::make_unique<StudentPoser>(character, device_);
    SirenFaceConfig face;
    face.network = {.pose_size = kFacePoseSize, .width = 24, .sine_layers = 2};
    face.mask_weight = 2;
    face.seed = 2;
    SirenBodyConfig body;
    body.network = {.levels = {{128, 36}, {256, 24}, {512, 12}}, .sine_layers = 2};
    body.seed = 3;
    face.batch = body.batch = 3;
    config_.face_morpher = face;
    config_.body_rotator = body;
    config_.teacher_batch = 2;
    set_steps(1);
  }

  SirenBodyConfig& body() { return std::get<SirenBodyConfig>(config_.body_rotator); }
  SirenFaceConfig& face() { return std::get<SirenFaceConfig>(config_.face_morpher); }

  void set_steps(std::int64_t steps) {
    body().examples = steps * body().batch;
    face().examples = steps * face().batch;
    body().learning_rate = face().learning_rate = {{steps * body().batch, 1e-3}};
    body().loss_phases = {{steps * body().batch, 1, 2, 3, 4}};
  }

  /// Takes steps from \p seen until \p end examples.
  static void take(Training& training, std::int64_t seen, std::int64_t end) {
    while (seen < end) seen += training.step(seen).examples;
  }

  static void expect_same(const StateDict& a, const StateDict& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& item : a) {
      EXPECT_TRUE(torch::equal(item.value(), b[item.key()]))
          << item.key() << " by " << (item.value() - b[item.key()]).abs().max().item<double>() << " of "
          << item.value().abs().max().item<double>();
    }
  }

  /// Of whole trainings and of those that another one takes up in the middle.
  void expect_resumes_to_the_bit(const std::function<std::unique_ptr<Training>()>& make) {
    const auto whole = make(), begun = make(), resumed = make(), again = make();
    const std::int64_t total = whole->total_examples(), middle = begun->step(0).examples;
    ASSERT_LT(middle, total);
    again->step(0);
    {
      SCOPED_TRACE("twice the same steps");
      expect_same(again->state().network, begun->state().network);
    }
    take(*whole, 0, total);
    resumed->restore(begun->state(), "the middle");
    take(*resumed, middle, total);
    expect_same(whole->state().network, resumed->state().network);
    expect_same(whole->state().optimizer, resumed->state().optimizer);
  }

  static void expect_near(const std::vector<LossTerm>& a, const std::vector<LossTerm>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const LossTerm& term : a) {
      for (const LossTerm& other : b) {
        if (term.name != other.name) continue;
        const double expected = other.value.item<double>();
        EXPECT_NEAR(term.value.item<double>(), expected, 0.01 * expected) << term.name;
      }
    }
  }

  std::unique_ptr<StudentPoser> teacher_;
  DistillConfig config_;
};

/// With the poses, pictures and losses that LibTorch's layers have of the paper's schedule.
TEST_F(GpuTraining, OfFreshFramesLearnsFromTheSameExamples) {
  const at::Tensor mask = torch::ones({1, 128, 128});
  SirenBodyTraining layers(*teacher_, config_.poses, body());
  SirenFaceTraining face_layers(*teacher_, mask, config_.poses, face());
  const auto kernels = make_body_training(*teacher_, config_, {});
  const auto face_kernels = make_face_training(*teacher_, config_, {}, mask);
  ASSERT_NE(dynamic_cast<GpuSirenTraining*>(kernels.get()), nullptr);
  ASSERT_NE(dynamic_cast<GpuSirenTraining*>(face_kernels.get()), nullptr);
  expect_near(kernels->step(0).losses, layers.step(0).losses);
  expect_near(face_kernels->step(0).losses, face_layers.step(0).losses);
}

TEST_F(GpuTraining, OfAVanillaSirenLearnsFromTheSameExamples) {
  body().kind = BodyRotatorKind::vanilla_siren;
  body().vanilla_network = {.pose_size = kPoseSize, .width = 24, .sine_layers = 3};
  body().loss_phases.front().squared = 5;
  SirenBodyTraining layers(*teacher_, config_.poses, body());
  const auto kernels = make_body_training(*teacher_, config_, {});
  ASSERT_NE(dynamic_cast<GpuSirenTraining*>(kernels.get()), nullptr);
  const auto losses = kernels->step(0).losses;
  ASSERT_EQ(losses.size(), 2);
  EXPECT_EQ(losses[1].name, "final");
  const double expected = layers.step(0).losses[1].value.item<double>();
  EXPECT_NEAR(losses[1].value.item<double>(), expected, 0.01 * expected);
  set_steps(70);
  expect_resumes_to_the_bit([&] { return make_body_training(*teacher_, config_, {}); });
}

TEST_F(GpuTraining, OfFreshFramesResumesToTheBit) {
  set_steps(70);
  expect_resumes_to_the_bit([&] { return make_body_training(*teacher_, config_, {}); });
}

TEST_F(GpuTraining, OfWholeFramesResumesToTheBit) {
  body().steps.frames = 6;
  set_steps(70);
  expect_resumes_to_the_bit([&] { return make_body_training(*teacher_, config_, {}); });
}

TEST_F(GpuTraining, OfFreshWindowsResumesToTheBit) {
  body().window = 64;
  set_steps(70);
  expect_resumes_to_the_bit([&] { return make_body_training(*teacher_, config_, {}); });
}

/// Frames are made in batches of the same sizes whenever they are made.
TEST_F(GpuTraining, TeachersFramesAreTheSameEachTime) {
  const at::Tensor poses = draw_poses(config_.poses, 40, 9);
  TeacherStore once = TeacherStore::room_for_frames(*teacher_, 40),
               again = TeacherStore::room_for_frames(*teacher_, 40);
  once.take_frames(*teacher_, poses, 2);
  again.take_frames(*teacher_, poses, 2);
  again.take_frames(*teacher_, poses, 2);
  for (std::int64_t i = 0; i < 40; i += 3) {
    const PosedFrame a = once.frames({i}, FrameWindow{}.region), b = again.frames({i}, FrameWindow{}.region);
    EXPECT_EQ((a.flow != b.flow).sum().item<std::int64_t>(), 0) << i;
    EXPECT_EQ((a.direct != b.direct).sum().item<std::int64_t>(), 0) << i;
    EXPECT_EQ((a.alpha != b.alpha).sum().item<std::int64_t>(), 0) << i;
    EXPECT_EQ((a.face != b.face).sum().item<std::int64_t>(), 0) << i;
  }
}

TEST_F(GpuTraining, OfSmallerFirstStepsResumesToTheBit) {
  body().window = 64;
  body().steps.frames = 6;
  body().steps.early_batch = 2;
  body().steps.early_examples = 100;
  set_steps(70);
  expect_resumes_to_the_bit([&] { return make_body_training(*teacher_, config_, {}); });
}

TEST_F(GpuTraining, ByErrorsOfFramesResumesToTheBit) {
  body().window = 64;
  body().steps.frames = 6;
  body().windows = {.anywhere_fraction = 0.1, .error_fraction = 0.6, .errors_of_frames = true};
  set_steps(4 * GpuSiren::kMaxPlanned);
  expect_resumes_to_the_bit([&] { return make_body_training(*teacher_, config_, {}); });
}

/// Whose bases are looked for while steps go on.
TEST_F(GpuTraining, BySoapResumesToTheBit) {
  body().window = 64;
  body().steps.frames = 6;
  body().steps.soap_steps = GpuSiren::kMaxPlanned;
  set_steps(6 * GpuSiren::kMaxPlanned);
  expect_resumes_to_the_bit([&] { return make_body_training(*teacher_, config_, {}); });
}

TEST_F(GpuTraining, ByErrorsResumesToTheBit) {
  body().window = 64;
  body().steps.frames = 6;
  body().steps.weight_average = 0.9;
  body().windows = {.anywhere_fraction = 0.1, .moving_fraction = 0.2, .error_fraction = 0.6};
  set_steps(4 * GpuSiren::kMaxPlanned);
  expect_resumes_to_the_bit([&] { return make_body_training(*teacher_, config_, {}); });
}

}  // namespace
}  // namespace tha4
