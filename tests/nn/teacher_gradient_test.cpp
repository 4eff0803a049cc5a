#include "teacher_fixtures.h"
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/types.h>

namespace tha4 {
namespace {

using testing::random_images;
using testing::small_encoder_decoder;
using testing::small_unet;

/// Moves \p network off its zeros, at which most gradients vanish.
void perturb(torch::nn::Module& network) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : network.parameters()) parameter.add_(torch::randn_like(parameter) * 0.1);
}

/// A loss that every output takes part in, of which no sum happens to be constant.
void expect_gradients(const torch::nn::Module& network, const std::vector<at::Tensor>& outputs) {
  auto loss = torch::zeros({});
  for (const auto& output : outputs) loss = loss + (output * torch::randn_like(output)).sum();
  loss.backward();
  for (const auto& parameter : network.named_parameters()) {
    const auto& gradient = parameter.value().grad();
    ASSERT_TRUE(gradient.defined()) << parameter.key();
    EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << parameter.key();
    EXPECT_GT(gradient.abs().max().item<double>(), 0.0) << parameter.key();
  }
}

class TeacherGradient : public ::testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(3); }
};

TEST_F(TeacherGradient, ReachesAllOfTheEyebrowDecomposer) {
  EyebrowDecomposer network(small_encoder_decoder());
  perturb(*network);
  const auto output = network->forward(random_images(2, 16));
  expect_gradients(*network, {output.eyebrow_layer, output.background_layer});
}

TEST_F(TeacherGradient, ReachesAllOfTheEyebrowMorphingCombiner) {
  EyebrowMorphingCombiner network(small_encoder_decoder());
  perturb(*network);
  const auto output = network->forward(random_images(2, 16), random_images(2, 16), torch::rand({2, 12}));
  expect_gradients(*network, {output.combined_by_combine_alpha, output.combined});
}

TEST_F(TeacherGradient, ReachesAllOfTheFaceMorpher) {
  TeacherFaceMorpher network(small_encoder_decoder());
  perturb(*network);
  const auto output = network->forward(random_images(2, 16), torch::rand({2, 27}));
  expect_gradients(*network, {output.face, output.iris_mouth});
}

TEST_F(TeacherGradient, OfTheFaceStopsBeforeTheIrisesAndTheMouth) {
  TeacherFaceMorpher network(small_encoder_decoder());
  network->forward(random_images(1, 16), torch::rand({1, 27})).face.sum().backward();
  const auto parameters = network->named_parameters();
  EXPECT_TRUE(parameters["eye_alpha.0.weight"].grad().defined());
  EXPECT_FALSE(parameters["iris_mouth_alpha.0.weight"].grad().defined());
}

TEST_F(TeacherGradient, ReachesAllOfTheHalfResolutionRotator) {
  HalfResolutionRotator network(small_unet());
  perturb(*network);
  expect_gradients(*network, {network->forward(random_images(2, 16), torch::randn({2, 6})).blended});
}

TEST_F(TeacherGradient, ReachesAllOfTheEditor) {
  Editor network(small_unet());
  perturb(*network);
  const auto output = network->forward(random_images(2, 16), random_images(2, 16),
                                       torch::randn({2, 2, 16, 16}) * 0.1, torch::randn({2, 6}));
  expect_gradients(*network, {output.blended});
}

TEST_F(TeacherGradient, ReachesAllOfTheTha3Networks) {
  Tha3Rotator rotator(small_encoder_decoder());
  Tha3Editor editor(small_encoder_decoder());
  perturb(*rotator);
  perturb(*editor);
  const auto rotated = rotator->forward(random_images(2, 16), torch::randn({2, 6}));
  expect_gradients(*rotator, {rotated.direct, rotated.warped});
  const auto edited = editor->forward(random_images(2, 16), random_images(2, 16),
                                      torch::randn({2, 2, 16, 16}) * 0.1, torch::randn({2, 6}));
  expect_gradients(*editor, {edited.blended});
}

}  // namespace
}  // namespace tha4
