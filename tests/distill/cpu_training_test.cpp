#include <vector>

#include "cpu_siren_training.h"
#include "cpu_student_losses.h"
#include "distill_fixture.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/distill/siren_training.h"
#include "tha4/distill/teacher_frames.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/train/adam.h"

namespace tha4 {
namespace {

/// |a - b| / |b|.
double relative_error(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / (b.norm() + 1e-20)).item<double>();
}

at::Tensor mean_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().mean();
}

/// A body's flow, alpha and direct colours at a window of a frame.
struct BodyPlanes {
  at::Tensor flow, alpha, direct;
};

/// Means of flow, warped, direct, final, and of the square of final by LibTorch.
at::Tensor expected_terms(const TeacherStore& store, int frame, const Region& at, const BodyPlanes& body) {
  const PosedFrame expected = store.frames({frame}, at);
  const at::Tensor warped = warp(store.images({frame}), body.flow, FrameWindow{kImageSize, at});
  const at::Tensor blended = torch::lerp(warped, body.direct, body.alpha);
  const at::Tensor kept = store.kept({frame}, at);
  return torch::stack(
      {mean_difference(body.flow * kept, expected.flow * kept), mean_difference(warped, expected.warped),
       mean_difference(body.direct, expected.direct), mean_difference(blended, expected.blended),
       (blended - expected.blended).square().mean()});
}

class CpuTraining : public testing::Test {
 protected:
  TeacherStore frames() { return TeacherStore::of_frames(teacher_, poses_, 2, {}, {}); }

  static SirenBodyConfig body_config() {
    SirenBodyConfig config;
    config.network = {.levels = {{128, 12}, {256, 10}, {512, 9}}, .sine_layers = 2};
    config.examples = 60;
    config.batch = 3;
    config.window = 40;
    config.learning_rate = {{60, 2e-3}};
    config.steps = {.frames = 5,
                    .warm_up_examples = 6,
                    .rate_falls = true,
                    .max_gradient_norm = 0.5,
                    .weight_average = 0.9};
    config.loss_phases = {{6, 0.5, 0.25, 2, 0.25}, {60, 1, 1, 1, 10}};
    config.seed = 4;
    return config;
  }

  Character character_ = small_character();
  StudentPoser teacher_{character_, torch::kCPU};
  at::Tensor poses_ = draw_poses(PoseSource{}, 5, 1);
};

TEST_F(CpuTraining, LossOfABodyIsThatOfItsPlanes) {
  const TeacherStore store = frames();
  const SeededScope seeded(4);
  constexpr int kSide = 16;
  kernels::SirenStep step{};
  step.flow = 3;
  step.warped = 0.5;
  step.direct = 2;
  step.final = 10;
  step.squared = 20;
  const at::Tensor weights = torch::tensor({3.0, 0.5, 2.0, 10.0, 20.0});
  // Beside the face, within it, at the picture's corner, and where flow leads out of the picture.
  for (const Region& at : {Region{100, 60, kSide, kSide}, Region{250, 140, kSide, kSide},
                           Region{0, 0, kSide, kSide}, Region{496, 496, kSide, kSide}}) {
    const at::Tensor results = torch::randn({1, 7, kSide, kSide}) * 0.2;
    at::Tensor planes = results.clone();
    std::vector<int> x, y;
    for (int i = 0; i < kSide * kSide; ++i) {
      x.push_back(at.x + i % kSide);
      y.push_back(at.y + i / kSide);
    }
    std::array<double, StudentLoss::kTerms> terms{};
    CpuBodyLoss(store).differentiate(step,
                                     {.frame = 2,
                                      .x = x.data(),
                                      .y = y.data(),
                                      .count = kSide * kSide,
                                      .planes = planes.data_ptr<float>(),
                                      .stride = kSide * kSide,
                                      .fraction = 1.0 / (kSide * kSide)},
                                     terms);
    const at::Tensor leaf = results.clone().requires_grad_(true);
    const at::Tensor expected = expected_terms(
        store, 2, at, {leaf.narrow(1, 0, 2).contiguous(), leaf.narrow(1, 2, 1), leaf.narrow(1, 3, 4)});
    (expected * weights).sum().backward();
    const at::Tensor made = torch::tensor({terms[0], terms[1], terms[2], terms[3]}).to(torch::kFloat32);
    EXPECT_LT(relative_error(made, expected.detach().narrow(0, 0, 4)), 1e-5) << at.x;
    EXPECT_LT(relative_error(planes, leaf.grad()), 1e-3) << at.x;
  }
}

TEST_F(CpuTraining, LossOfAFaceWeighsItsMask) {
  const TeacherStore store = TeacherStore::of_faces(teacher_, poses_, 2, {});
  const SeededScope seeded(4);
  const at::Tensor mask = (torch::rand({1, 128, 128}) > 0.7).to(torch::kFloat32);
  kernels::SirenStep step{};
  step.masked = 20;
  step.squared = 5;
  at::Tensor results = torch::randn({4, 128});
  const at::Tensor leaf = results.clone().requires_grad_(true);
  std::vector<int> x, y(128, 77);
  for (int i = 0; i < 128; ++i) x.push_back(i);
  std::array<double, StudentLoss::kTerms> terms{};
  CpuFaceLoss(store, mask)
      .differentiate(step,
                     {.frame = 3,
                      .x = x.data(),
                      .y = y.data(),
                      .count = 128,
                      .planes = results.data_ptr<float>(),
                      .stride = 128,
                      .fraction = 1.0 / 128},
                     terms);
  const at::Tensor difference = (leaf - store.faces({3})[0].select(1, 77)).abs();
  const at::Tensor whole = difference.mean(), masked = (difference * mask[0][77]).mean();
  const at::Tensor squared = (difference.square() * (1 + 20 * mask[0][77])).mean();
  (whole + 20 * masked + 5 * squared).backward();
  EXPECT_NEAR(terms[0], whole.item<double>(), 1e-5);
  EXPECT_NEAR(terms[1], masked.item<double>(), 1e-5);
  EXPECT_LT(relative_error(results, leaf.grad()), 1e-5);
}

TEST_F(CpuTraining, StepsAreThoseOfLayers) {
  const TeacherStore store = frames();
  const SirenBodyConfig config = body_config();
  const auto body = std::make_shared<SirenBodyRotatorImpl>(config.network);
  CpuSiren siren(state_dict_of(*body), trained_body(state_dict_of(*body), SirenResolution::multiple),
                 config.window, store.poses(), 2, SirenNumbers::singles);
  Adam adam(body->parameters(), config.adam);
  const CpuBodyLoss loss(store);
  std::vector<at::Tensor> averages;
  for (const at::Tensor& parameter : body->parameters()) averages.push_back(parameter.detach().clone());
  for (int number = 0; number < 5; ++number) {
    PlannedStep step{.windows = {{number, 200 + number, 101}, {2, 0, 3 * number}, {4, 310, 472}},
                     .settings = settings_at(pace_of(config), number * config.batch)};
    weigh_body(step.settings, config.loss_phases, number * config.batch);
    const auto made = siren.differentiate(step, loss);
    siren.update(step.settings);

    at::Tensor terms = torch::zeros({5});
    for (const auto& window : step.windows) {
      const Region at{window.x, window.y, config.window, config.window};
      const RotatorOutput rotated = body->rotate(store.images({window.frame}), store.poses_of({window.frame}),
                                                 FrameWindow{kImageSize, at});
      terms =
          terms + expected_terms(store, window.frame, at, {rotated.flow, rotated.alpha, rotated.direct}) / 3;
    }
    adam.zero_grad();
    body_terms(step.settings, terms).front().value.backward();
    const auto gradients = adam.gradients();
    const at::Tensor factor = (config.steps.max_gradient_norm / norm_of(gradients)).clamp_max(1);
    for (const at::Tensor& gradient : gradients) gradient.mul_(factor);
    adam.step(step.settings.learning_rate);
    for (std::size_t i = 0; i < averages.size(); ++i) {
      averages[i].lerp_(body->parameters()[i].detach(), 1 - step.settings.average_decay);
    }
    for (std::size_t i = 0; i < made.size(); ++i) {
      EXPECT_NEAR(made[i], terms[static_cast<std::int64_t>(i)].item<double>(), 2e-4) << number;
    }
  }
  const StateDict parameters = siren.network(), average = siren.average();
  const auto names = body->named_parameters();
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_LT(relative_error(parameters[names[i].key()], names[i].value().detach()), 2e-3) << names[i].key();
    EXPECT_LT(relative_error(average[names[i].key()], averages[i]), 2e-3) << names[i].key();
  }
}

void expect_same(const StateDict& a, const StateDict& b) {
  for (const auto& item : a) EXPECT_TRUE(torch::equal(item.value(), b[item.key()])) << item.key();
}

TEST_F(CpuTraining, IsTheSameForAnyNumberOfThreadsAndAfterAStop) {
  const SirenBodyConfig config = body_config();
  const StateDict first = state_dict_of(*first_network(config));
  const TeacherStore store = frames();
  const auto alone = make_cpu_body_training(store, first, config, 1);
  const auto shared = make_cpu_body_training(store, first, config, 3);
  const auto resumed = make_cpu_body_training(store, first, config, 2);
  for (int number = 0; number < 4; ++number) {
    alone->step(number * config.batch);
    shared->step(number * config.batch);
    if (number == 1) resumed->restore(alone->state(), "a checkpoint");
    if (number > 1) resumed->step(number * config.batch);
  }
  expect_same(alone->state().network, shared->state().network);
  expect_same(alone->state().network, resumed->state().network);
  expect_same(alone->state().optimizer, resumed->state().optimizer);
  expect_same(alone->exported_state(), resumed->exported_state());
  EXPECT_FALSE(torch::equal(alone->state().network["last_linear.weight"], first["last_linear.weight"]));
}

TEST_F(CpuTraining, BySoapGoesOnAfterAStop) {
  SirenBodyConfig config = body_config();
  config.steps.soap_steps = 2;
  const StateDict first = state_dict_of(*first_network(config));
  const TeacherStore store = frames();
  const auto whole = make_cpu_body_training(store, first, config, 2);
  const auto resumed = make_cpu_body_training(store, first, config, 2);
  for (int number = 0; number < 6; ++number) {
    whole->step(number * config.batch);
    if (number == 2) resumed->restore(whole->state(), "a checkpoint");
    if (number > 2) resumed->step(number * config.batch);
  }
  expect_same(whole->state().network, resumed->state().network);
  expect_same(whole->state().optimizer, resumed->state().optimizer);
}

TEST_F(CpuTraining, FirstStepsMayBeSmaller) {
  SirenBodyConfig config = body_config();
  config.steps.early_batch = 2;
  config.steps.early_examples = 5;
  const auto training = make_cpu_body_training(frames(), state_dict_of(*first_network(config)), config, 2);
  std::vector<std::int64_t> sizes;
  for (std::int64_t seen = 0; seen < 12; seen += sizes.back()) {
    EXPECT_EQ(config.steps.steps_before(seen, config.batch), std::ssize(sizes));
    sizes.push_back(training->step(seen).examples);
  }
  EXPECT_EQ(sizes, (std::vector<std::int64_t>{2, 2, 2, 3, 3}));
}

TEST(FirstNetworks, BeginWithFinerDetailOnRequest) {
  SirenBodyConfig config;
  config.network = {.levels = {{128, 12}, {256, 10}, {512, 9}}, .sine_layers = 2};
  const StateDict usual = state_dict_of(*first_network(config));
  config.steps.position_scale = 8;
  const StateDict fine = state_dict_of(*first_network(config));
  for (const auto& [key, position] :
       {std::pair("siren_layers.0.0.linear.weight", 0), std::pair("siren_layers.2.0.linear.weight", 9)}) {
    EXPECT_TRUE(torch::equal(fine[key].narrow(1, position, 2), 8 * usual[key].narrow(1, position, 2)));
    EXPECT_TRUE(torch::equal(fine[key].narrow(1, position + 2, 45), usual[key].narrow(1, position + 2, 45)));
  }
  EXPECT_TRUE(torch::equal(fine["siren_layers.1.1.linear.weight"], usual["siren_layers.1.1.linear.weight"]));
}

TEST_F(CpuTraining, LearnsAFace) {
  SirenFaceConfig config;
  config.network = {.width = 24, .sine_layers = 3};
  config.examples = 120;
  config.batch = 2;
  config.learning_rate = {{120, 1e-3}};
  config.steps.frames = 5;
  config.mask_weight = 1;
  const at::Tensor mask = torch::ones({1, 128, 128});
  const auto training = make_cpu_face_training(TeacherStore::of_faces(teacher_, poses_, 2, {}), mask,
                                               state_dict_of(*first_network(config)), config, 2);
  const double before = training->step(0).losses.front().value.item<double>();
  double after = before;
  for (int seen = 2; seen < config.examples; seen += 2) {
    after = training->step(seen).losses.front().value.item<double>();
  }
  EXPECT_LT(after, before / 2);
}

}  // namespace
}  // namespace tha4
