#include <cmath>

#include "teacher_fixtures.h"
#include <gtest/gtest.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/conv_blocks.h"
#include "tha4/nn/teacher/residual_editor.h"
#include "tha4/nn/teacher/unet_face_morpher.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

using testing::distance;
using testing::random_images;
using testing::small_encoder_decoder;
using testing::small_unet;

class TeacherInitialization : public ::testing::Test {
 protected:
  void SetUp() override { torch::manual_seed(1); }

  torch::NoGradGuard no_grad_;
};

TEST_F(TeacherInitialization, AFlowOfZeroLeavesAnImageAsItIs) {
  const auto image = random_images(2, 192);
  EXPECT_LE(distance(apply_flow(image, torch::zeros({2, 2, 192, 192})), image), 1e-4);
}

TEST_F(TeacherInitialization, AFlowOfTwoPixelsToTheRightReadsThere) {
  const auto image = random_images(1, 64);
  auto flow = torch::zeros({1, 2, 64, 64});
  flow.select(1, 0).fill_(2 * 2.0 / 64);
  const auto warped = apply_flow(image, flow);
  EXPECT_LE(distance(warped.slice(3, 0, 62), image.slice(3, 2, 64)), 1e-5);
  EXPECT_LE(distance(warped.slice(3, 62, 64), image.slice(3, 63, 64).expand({1, 4, 64, 2})), 1e-5);
}

TEST_F(TeacherInitialization, SixteenBitFlowsStillReadTheRightPixels) {
  const auto image = random_images(1, 512);
  const auto flow = torch::zeros({1, 2, 512, 512}, torch::kBFloat16);
  EXPECT_LE(distance(apply_flow(image, flow), image), 1e-4);
  const auto half = image.to(torch::kBFloat16);
  const auto warped = apply_flow(half, flow);
  EXPECT_EQ(warped.scalar_type(), torch::kBFloat16);
  EXPECT_LE(distance(warped, half), 1e-2);
}

/// Nothing is redrawn or moved but for what alpha, which is not quite 0, lets through: half a level of 8 bits
/// of the whole range, so that training can begin from there.
void expect_gives_input(const RotatorOutput& output, const at::Tensor& image) {
  EXPECT_EQ(output.direct.abs().max().item<float>(), 0.0F);
  EXPECT_EQ(output.flow.abs().max().item<float>(), 0.0F);
  EXPECT_GT(output.alpha.min().item<float>(), 0.001F);
  EXPECT_LT(output.alpha.max().item<float>(), 0.01F);
  EXPECT_LE(distance(output.warped, image), 1e-5);
  EXPECT_LE(distance(output.blended, image), 0.01 * image.abs().max().item<double>());
}

TEST_F(TeacherInitialization, UntrainedRotatorGivesItsInput) {
  const auto image = random_images(2, 16);
  expect_gives_input(HalfResolutionRotator(small_unet())->forward(image, torch::randn({2, 6})), image);
}

TEST_F(TeacherInitialization, UntrainedEditorGivesItsInput) {
  const auto image = random_images(2, 16);
  expect_gives_input(Editor(small_unet())->rotate(image, torch::randn({2, 6})), image);
}

TEST_F(TeacherInitialization, UntrainedUNetFaceMorpherGivesItsInput) {
  const auto image = random_images(2, 16);
  expect_gives_input(UNetFaceMorpher(small_unet())->forward(image, torch::randn({2, kFacePoseSize})), image);
}

TEST_F(TeacherInitialization, UntrainedFoldedRotatorGivesItsInput) {
  UNetOptions options = small_unet();
  options.fold = 2;
  const auto image = random_images(2, 32);
  expect_gives_input(HalfResolutionRotator(options)->forward(image, torch::randn({2, 6})), image);
}

// Every pixel has outputs of its own, at its place.
TEST_F(TeacherInitialization, FoldedRotatorDrawsSinglePixels) {
  UNetOptions options = small_unet();
  options.fold = 2;
  HalfResolutionRotator rotator(options);
  // The bias of red at the lower right of four pixels.
  rotator->named_parameters()["body.last.2.bias"][3].fill_(0.5);
  const auto direct = rotator->forward(random_images(1, 16), torch::zeros({1, 6})).direct;
  EXPECT_EQ(direct.index({0, 0, 5, 7}).item<float>(), 0.5F);
  EXPECT_EQ(direct.abs().sum().item<float>(), 0.5F * 8 * 8);
  EXPECT_EQ(direct.index({0, 0, 4, 7}).item<float>(), 0.0F);
}

// It goes on from what the rotator found: the same flow, at full resolution.
TEST_F(TeacherInitialization, UntrainedResidualEditorGivesTheImageThroughTheRotatorsFlow) {
  const auto image = random_images(2, 32);
  RotatorOutput coarse;
  coarse.flow = torch::full({2, 2, 16, 16}, 2.0 / 16);
  coarse.direct = torch::full({2, 4, 16, 16}, 0.5);
  coarse.alpha = torch::full({2, 1, 16, 16}, 0.25);
  coarse.warped = apply_flow(torch::avg_pool2d(image, 2), coarse.flow);
  coarse.blended = blend(coarse.alpha, coarse.direct, coarse.warped);
  ResidualEditor editor(small_unet());
  const auto output = editor->forward(image, coarse, torch::randn({2, 6}));
  EXPECT_LE(distance(output.warped, apply_flow(image, output.flow)), 1e-6);
  EXPECT_LE(distance(output.flow, torch::full_like(output.flow, 2.0 / 16)), 1e-6);
  EXPECT_LE(distance(output.alpha, torch::full_like(output.alpha, 0.25)), 1e-6);
  EXPECT_LE(distance(output.direct, torch::full_like(output.direct, 0.5)), 1e-6);
  EXPECT_EQ(output.blended.sizes(), image.sizes());
}

TEST_F(TeacherInitialization, EditorIgnoresItsCoarseInputsUntilTheirConvolutionIsTrained) {
  Editor editor(small_unet());
  for (auto& parameter : editor->named_parameters()) {
    if (parameter.key().starts_with("body."))
      parameter.value().add_(torch::randn_like(parameter.value()) * 0.05);
  }
  const auto image = random_images(1, 16);
  const auto rotation = torch::randn({1, 6});
  const auto with_coarse =
      editor->forward(image, random_images(1, 16), torch::randn({1, 2, 16, 16}) * 0.1, rotation);
  EXPECT_EQ(distance(with_coarse.blended, editor->rotate(image, rotation).blended), 0.0);
}

TEST_F(TeacherInitialization, UntrainedFlowsAreZero) {
  EyebrowMorphingCombiner combiner(small_encoder_decoder());
  TeacherFaceMorpher face_morpher(small_encoder_decoder());
  Tha3Rotator rotator(small_encoder_decoder());
  Tha3Editor editor(small_encoder_decoder());
  const auto image = random_images(1, 16);
  const auto flow = torch::randn({1, 2, 16, 16}) * 0.1;
  const auto rotation = torch::randn({1, 6});
  EXPECT_LE(distance(combiner->forward(image, image, torch::randn({1, 12})).warped_layer, image), 1e-5);
  EXPECT_LE(distance(face_morpher->forward(image, torch::randn({1, 27})).iris_mouth_warped, image), 1e-5);
  EXPECT_LE(distance(rotator->forward(image, rotation).warped, image), 1e-5);
  EXPECT_EQ(distance(editor->forward(image, image, flow, rotation).flow, flow), 0.0);
}

TEST_F(TeacherInitialization, ResidualBranchesOfTheUNetBeginAtZero) {
  UNet unet(4, 7, 6, small_unet());
  int zeros = 0;
  for (const auto& parameter : unet->named_parameters()) {
    const std::string& name = parameter.key();
    const bool is_last_of_branch = name.find(".conv1.") != std::string::npos ||
                                   name.find(".conv.") != std::string::npos || name.starts_with("last.2.");
    const bool is_shift = name.ends_with(".bias") && name.find("norm") != std::string::npos;
    const bool is_zero = parameter.value().abs().max().item<float>() == 0.0F;
    EXPECT_EQ(is_zero, is_last_of_branch || is_shift || name == "last.0.bias") << name;
    zeros += is_zero ? 1 : 0;
  }
  EXPECT_GT(zeros, 0);
}

TEST_F(TeacherInitialization, ConvolutionBlocksAreDrawnByHe) {
  const auto weight_deviation = [](torch::nn::Sequential block) {
    return block->parameters().front().std().item<double>();
  };
  EXPECT_NEAR(weight_deviation(conv_block(64, 96)), std::sqrt(2.0 / (64 * 9)), 1e-3);
  EXPECT_NEAR(weight_deviation(downsample_block(64, 96)), std::sqrt(2.0 / (64 * 16)), 1e-3);
  EXPECT_NEAR(weight_deviation(upsample_block(64, 96)), std::sqrt(2.0 / (96 * 16)), 1e-3);
  EXPECT_NEAR(weight_deviation(image_head(64)), std::sqrt(2.0 / (64 * 9)), 4e-3);
}

TEST_F(TeacherInitialization, InstanceNormsBeginWithScaleOneAndShiftZero) {
  const auto parameters = conv_block(3, 5)->named_parameters();
  EXPECT_TRUE(torch::equal(parameters["1.weight"], torch::ones(5)));
  EXPECT_TRUE(torch::equal(parameters["1.bias"], torch::zeros(5)));
}

TEST_F(TeacherInitialization, IsTheSameForTheSameSeed) {
  torch::manual_seed(7);
  const auto first = state_dict_of(*UNet(4, 7, 6, small_unet()));
  torch::manual_seed(7);
  const auto second = state_dict_of(*UNet(4, 7, 6, small_unet()));
  for (const auto& entry : first)
    EXPECT_TRUE(torch::equal(entry.value(), second[entry.key()])) << entry.key();
}

TEST_F(TeacherInitialization, SkippingItEndsWithItsScope) {
  { const SkipInitialization skip; }
  Convolution flow = flow_head(4);
  EXPECT_EQ(flow->parameters().front().abs().max().item<float>(), 0.0F);
}

}  // namespace
}  // namespace tha4
