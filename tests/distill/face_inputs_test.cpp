#include "face_inputs.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/distill/blendshape_training.h"
#include "tha4/distill/distill_config.h"
#include "tha4/image/region.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr int kWink = 12, kOtherWink = 13, kMouth = 26, kLookUp = 37;

/// Crops in which a square is as bright as the wink times the way the iris looks and more, and another one as
/// the mouth is open; a little of the mouth is seen everywhere.
at::Tensor crops_of(const at::Tensor& poses) {
  const auto of = [&](int parameter) { return poses.select(1, parameter).view({-1, 1, 1, 1}); };
  auto faces = torch::zeros({poses.size(0), 4, kFaceCrop.height, kFaceCrop.width});
  faces.add_(1e-3 * of(kMouth));
  faces.narrow(2, 20, 10).narrow(3, 30, 10).add_(of(kWink) + 0.2 * of(kLookUp) + of(kWink) * of(kLookUp));
  faces.narrow(2, 80, 10).narrow(3, 60, 10).add_(of(kMouth));
  return faces;
}

at::Tensor pixels_of(int row, int column) {
  const auto all =
      torch::arange(kFaceCrop.height * kFaceCrop.width).view({kFaceCrop.height, kFaceCrop.width});
  return all.narrow(0, row, 10).narrow(1, column, 10).flatten();
}

TEST(SingleFacePoses, AreRestAndEachParameterAtItsEnds) {
  const auto poses = single_face_poses();
  ASSERT_EQ(poses.size(0), 1 + 37 + 2 * 2);
  EXPECT_EQ(poses[0].abs().max().item<double>(), 0);
  EXPECT_TRUE((poses.ne(0).sum(1).narrow(0, 1, poses.size(0) - 1) == 1).all().item<bool>());
  // Each end of each range, and nothing of head and body.
  EXPECT_TRUE((std::get<0>(poses.narrow(1, 0, kFacePoseSize).max(0)) == 1).all().item<bool>());
  EXPECT_TRUE((std::get<0>(poses.narrow(1, kLookUp, 2).min(0)) == -1).all().item<bool>());
  EXPECT_EQ(poses.narrow(1, kFacePoseSize, kPoseSize - kFacePoseSize).abs().max().item<double>(), 0);
}

TEST(MovingInputs, AreThoseThatMoveARegion) {
  torch::manual_seed(1);
  const auto poses = torch::cat({torch::rand({30, kPoseSize}), single_face_poses()});
  const auto moving = moving_inputs(poses, crops_of(poses), {pixels_of(20, 30), pixels_of(80, 60)});
  auto expected = torch::zeros({2, kFacePoseSize});
  expected[0][kWink] = expected[0][kLookUp] = expected[1][kMouth] = 1;
  EXPECT_TRUE(torch::equal(moving, expected)) << moving;
}

TEST(MovingInputs, AreAllWhereNothingIsKnown) {
  torch::manual_seed(2);
  const auto poses = torch::rand({30, kPoseSize});
  const auto ones = torch::ones({1, kFacePoseSize});
  EXPECT_TRUE(torch::equal(moving_inputs(poses, crops_of(poses), {pixels_of(20, 30)}), ones));
  // A part that no parameter moves by itself may be moved by two.
  const auto known = single_face_poses();
  EXPECT_TRUE(torch::equal(
      moving_inputs(known, torch::zeros({known.size(0), 4, 128, 128}), {pixels_of(0, 0)}), ones));
}

BlendshapeFaceConfig some_config() {
  BlendshapeFaceConfig config;
  config.region_threshold = 0.005;
  config.region_dilation = 1;
  config.region_min_fraction = 0.01;
  config.basis_size = config.rest_basis_size = 20;
  config.width = 100;
  config.hidden_layers = 2;
  config.regression.examples = 2000;
  config.regression.batch = 20;
  config.regression.learning_rate = {.value = 1e-2, .warm_up_examples = 100};
  return config;
}

TEST(BlendshapeFaceTraining, TellsEachPartWhatMovesItAndGivesItTheImagesThatItNeeds) {
  torch::manual_seed(3);
  const auto poses = torch::cat({torch::rand({60, kPoseSize}), single_face_poses()});
  const BlendshapeFaceTraining training({poses, crops_of(poses)}, some_config(), torch::kCPU);
  BlendshapeFaceMorpher network = training.network();
  ASSERT_EQ(network->region_count(), 3);
  const auto eye = network->region(0), mouth = network->region(1);
  EXPECT_EQ(eye->weights->input_scale[kWink].item<float>(), 1);
  EXPECT_EQ(eye->weights->input_scale[kMouth].item<float>(), 0);
  EXPECT_EQ(eye->weights->input_scale[kOtherWink].item<float>(), 0);
  EXPECT_EQ(mouth->weights->input_scale.sum().item<float>(), 1);
  // Each square is one image, times a number.
  EXPECT_EQ(eye->basis.size(0), 1);
  EXPECT_EQ(mouth->basis.size(0), 1);
}

TEST(BlendshapeFaceTraining, GoesOnWithComponentsThatAreTurnedRound) {
  torch::manual_seed(4);
  const auto poses = torch::cat({torch::rand({60, kPoseSize}), single_face_poses()});
  BlendshapeFaceTraining training({poses, crops_of(poses)}, some_config(), torch::kCPU);
  TrainingState state = training.state();
  // As eigenvectors may be where a process with other threads finds them.
  for (auto& item : state.network) {
    if (item.key().ends_with("basis")) item.value() = -item.value();
  }
  training.restore(state, "the test");
  for (std::int64_t seen = 0; seen < training.total_examples();) seen += training.step(seen).examples;
  const torch::NoGradGuard no_grad;
  const auto error = training.network()->draw(poses.narrow(1, 0, kFacePoseSize)) - crops_of(poses);
  EXPECT_LT(error.square().mean().sqrt().item<double>(), 0.02);
}

}  // namespace
}  // namespace tha4
