#include "gpu_unet_player.h"

#include <memory>
#include <vector>

#include "engine/engine_fixtures.h"
#include "gpu_teacher.h"
#include "gpu_test.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/nn/teacher/editor.h"
#include "tha4/nn/teacher/half_resolution_rotator.h"

namespace tha4 {
namespace {

class GpuUNetPlayerTest : public GpuTest, public ::testing::WithParamInterface<at::ScalarType> {};

/// Networks of odd sizes whose weights were never trained, with the coarse inputs of the paper's editor.
TEST_P(GpuUNetPlayerTest, PlaysNetworksOfAllSizes) {
  if (!has_map_convolutions(device_)) GTEST_SKIP() << "an old GPU";
  const SeededScope seeded(3);
  const torch::NoGradGuard no_grad;
  const auto options = at::TensorOptions(torch::kFloat).device(device_);
  for (const bool is_wide : {false, true}) {
    const std::vector<UNetLevel> levels =
        is_wide ? std::vector<UNetLevel>{{32}, {64}, {96, true}} : std::vector<UNetLevel>{{16}, {16, true}};
    EditorImpl editor(
        {.model_channels = levels.front().channels, .levels = levels, .condition_channels = 10});
    for (at::Tensor& parameter : editor.parameters()) parameter.add_(torch::randn_like(parameter) * 0.02);
    editor.to(device_);
    const at::Tensor image = torch::rand({2, 4, 52, 36}, options) * 2 - 1, coarse = image.flip(3);
    const at::Tensor flow = torch::randn({2, 2, 52, 36}, options) * 0.01,
                     rotation = torch::rand({2, 6}, options);
    const at::Tensor expected = editor.forward(image, coarse, flow, rotation).direct;
    ASSERT_TRUE(can_play_on_gpu(editor.body().options()));
    editor.body().set_substitute(
        std::make_shared<GpuUNetPlayer>(make_plain_unet_program(editor.body(), editor.coarse_image_conv()),
                                        std::make_shared<GpuConvolutions>(device_, GetParam())));
    const at::Tensor direct = editor.forward(image, coarse, flow, rotation).direct;
    EXPECT_GT(decibels(direct, expected), GetParam() == torch::kHalf ? 45 : 27) << is_wide;
    // Sums are the same in whatever order thread blocks finish.
    EXPECT_TRUE(torch::equal(editor.forward(image, coarse, flow, rotation).direct, direct));
    const at::Tensor one = editor
                               .forward(image.narrow(0, 1, 1), coarse.narrow(0, 1, 1), flow.narrow(0, 1, 1),
                                        rotation.narrow(0, 1, 1))
                               .direct;
    EXPECT_GT(decibels(one, expected.narrow(0, 1, 1)), GetParam() == torch::kHalf ? 45 : 27) << is_wide;
  }
}

/// Whose 2x2 pixels are channels beside each other, with what surrounds them in the compact teacher.
TEST_P(GpuUNetPlayerTest, PlaysFoldedNetworks) {
  if (!has_map_convolutions(device_)) GTEST_SKIP() << "an old GPU";
  const SeededScope seeded(4);
  const torch::NoGradGuard no_grad;
  UNetOptions options = HalfResolutionRotatorImpl::compact_options();
  options.model_channels = 32;
  options.levels = {{32}, {64, true}};
  options.condition_channels = 10;
  HalfResolutionRotatorImpl rotator(options);
  for (at::Tensor& parameter : rotator.parameters()) parameter.add_(torch::randn_like(parameter) * 0.02);
  const at::Tensor image = torch::rand({2, 4, 52, 36}) * 2 - 1, rotation = torch::rand({2, 6});
  const RotatorOutput expected = rotator.forward(image, rotation);
  rotator.to(device_);
  const Convolution none{nullptr};
  rotator.body().set_substitute(std::make_shared<GpuUNetPlayer>(
      make_plain_unet_program(rotator.body(), none), std::make_shared<GpuConvolutions>(device_, GetParam())));
  const RotatorOutput output = rotator.forward(image.to(device_), rotation.to(device_));
  const double least = GetParam() == torch::kHalf ? 45 : 27;
  EXPECT_GT(decibels(output.direct.cpu(), expected.direct), least);
  EXPECT_GT(decibels(output.flow.cpu(), expected.flow), least);
}

INSTANTIATE_TEST_SUITE_P(Types, GpuUNetPlayerTest, ::testing::Values(torch::kHalf, torch::kBFloat16),
                         [](const auto& test) { return test.param == torch::kHalf ? "Fp16" : "Bf16"; });

TEST(GpuUNetPlayers, TakeWidthsOfSixteensOnly) {
  EXPECT_FALSE(can_play_on_gpu({.model_channels = 8, .levels = {{32}}}));
  EXPECT_FALSE(can_play_on_gpu({.model_channels = 32, .levels = {{32}, {24}}}));
  EXPECT_TRUE(can_play_on_gpu({.model_channels = 32, .levels = {{32}, {48, true}}}));
}

}  // namespace
}  // namespace tha4
