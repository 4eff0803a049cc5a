#include "gpu_siren_level.h"

#include <string>

#include "siren_weights.h"
#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {
namespace {

constexpr std::size_t kSharedOfHopper = 227 * 1024, kSharedOfAmpere = 99 * 1024, kSharedOfTuring = 64 * 1024;

TEST(SirenLevelLayout, KeepsWeightsInSharedMemoryWhereTheyFit) {
  const auto last = lay_out_level({90, 90, 90}, 7, SirenOutput::body, kSharedOfAmpere);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->stages, 0);
  EXPECT_EQ(last->block_width, 2);
  const auto middle = lay_out_level({180, 180, 90}, 90, SirenOutput::map, kSharedOfHopper);
  ASSERT_TRUE(middle);
  EXPECT_EQ(middle->stages, 0);
}

TEST(SirenLevelLayout, PassesWeightsThroughSharedMemoryElsewhere) {
  for (const std::size_t shared : {kSharedOfTuring, kSharedOfHopper}) {
    const auto first = lay_out_level({360, 360, 180}, 180, SirenOutput::map, shared);
    ASSERT_TRUE(first);
    EXPECT_GE(first->stages, 2);
    EXPECT_LE(first->shared_bytes(), shared);
  }
}

TEST(SirenLevelLayout, IsNoneForLayersThatRegistersDoNotHold) {
  EXPECT_FALSE(lay_out_level({1024, 1024}, 7, SirenOutput::body, kSharedOfHopper));
}

TEST(PackedWeights, LieAsTheTensorCoresTakeThem) {
  const at::Tensor weights = torch::randn({21, 40}, torch::kFloat64);
  const at::Tensor packed = pack_weights(weights, 2);
  ASSERT_EQ(packed.sizes(), (std::vector<std::int64_t>{2, 3, 32, 8}));
  // PTX, mma.m16n8k16: thread 4 g + t has, of output g, the inputs 2 t, 2 t + 1, 2 t + 8 and 2 t + 9.
  for (int pair = 0; pair < 2; ++pair) {
    for (int step = 0; step < 3; ++step) {
      for (int thread = 0; thread < 32; ++thread) {
        for (int i = 0; i < 8; ++i) {
          const int output = 16 * pair + 8 * (i / 4) + thread / 4;
          const int input = 16 * step + 2 * (thread % 4) + i % 2 + 8 * (i / 2 % 2);
          const double expected = output < 21 && input < 40 ? weights[output][input].item<double>() : 0;
          EXPECT_NEAR(packed[pair][step][thread][i].item<double>(), expected, 2e-3);
        }
      }
    }
  }
}

TEST(PackedWeights, OfResultsHaveTheDigitsOfTwoNumbers) {
  const at::Tensor weights = torch::randn({7, 20}, torch::kFloat64);
  const at::Tensor packed = pack_result_weights(weights).to(torch::kFloat64);
  ASSERT_EQ(packed.sizes(), (std::vector<std::int64_t>{1, 2, 32, 8}));
  // Output g and input 2 t are the first numbers of thread 4 g + t.
  for (int thread = 0; thread < 28; ++thread) {
    const double sum = (packed[0][0][thread][0] + packed[0][0][thread][4]).item<double>();
    EXPECT_NEAR(sum, weights[thread / 4][2 * (thread % 4)].item<double>(), 1e-6);
  }
}

TEST(SirenLevelLayout, HasWarpgroupsForThePapersLayers) {
  const auto last = lay_out_for_warpgroups({90, 90, 90}, 7, SirenOutput::body, true, kSharedOfHopper);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->warps, 16);
  EXPECT_EQ(last->map_columns, 18);
  EXPECT_EQ(last->stages, 0);
  EXPECT_EQ(last->kept_steps, 0);
  const auto first = lay_out_for_warpgroups({360, 360, 180}, 180, SirenOutput::map, false, kSharedOfHopper);
  ASSERT_TRUE(first);
  EXPECT_GT(first->stages, 2);
  EXPECT_EQ(first->kept_steps, 23);
  EXPECT_LE(first->shared_bytes(), kSharedOfHopper);
}

TEST(SirenLevelLayout, HasNoWarpgroupsForOneLayerOrWideOnes) {
  EXPECT_FALSE(lay_out_for_warpgroups({30}, 7, SirenOutput::body, true, kSharedOfHopper));
  EXPECT_FALSE(lay_out_for_warpgroups({30, 600}, 7, SirenOutput::body, true, kSharedOfHopper));
}

TEST(PackedWeights, LieAsWarpgroupsTakeThem) {
  const at::Tensor weights = torch::randn({21, 40}, torch::kFloat64);
  const at::Tensor packed = pack_weights_for_warpgroups(weights);
  ASSERT_EQ(packed.sizes(), (std::vector<std::int64_t>{3, 4, 2, 8, 8}));
  for (int output = 0; output < 32; ++output) {
    for (int input = 0; input < 48; ++input) {
      const double expected = output < 21 && input < 40 ? weights[output][input].item<double>() : 0;
      EXPECT_NEAR(packed[input / 16][output / 8][input / 8 % 2][output % 8][input % 8].item<double>(),
                  expected, 2e-3);
    }
  }
}

TEST(SirenLevelProgram, CompilesForWarpgroups) {
  if (!CudaProgram::has_compiler()) GTEST_SKIP() << "this LibTorch comes without NVRTC";
  const auto compiles = [](std::vector<int> widths, int results, SirenOutput output) {
    const bool has_map = output == SirenOutput::body;
    const auto layout = lay_out_for_warpgroups(std::move(widths), results, output, has_map, kSharedOfHopper);
    ASSERT_TRUE(layout);
    EXPECT_FALSE(siren_level_program(*layout, 45, has_map, has_map).compile("90a").empty());
  };
  compiles({40, 20, 24}, 24, SirenOutput::map);  // in registers
  compiles({40, 280}, 7, SirenOutput::body);     // a layer of two instructions
  compiles({300, 40}, 30, SirenOutput::map);     // in shared memory
  compiles({128, 128, 128, 128, 128, 128, 128, 128}, 4, SirenOutput::colors);
}

TEST(SirenLevelProgram, CompilesForEveryGpuOfTheLastYears) {
  if (!CudaProgram::has_compiler()) GTEST_SKIP() << "this LibTorch comes without NVRTC";
  for (const std::string capability : {"75", "80", "90", "120"}) {
    const std::size_t shared = capability == "75" ? kSharedOfTuring : kSharedOfHopper;
    const auto middle = *lay_out_level({180, 180, 90}, 90, SirenOutput::map, shared);
    EXPECT_FALSE(siren_level_program(middle, 45, true, true).compile(capability).empty());
    const auto last = *lay_out_level({90, 90, 90}, 7, SirenOutput::body, shared);
    EXPECT_FALSE(siren_level_program(last, 45, true, false).compile(capability).empty());
    const auto face = *lay_out_level({31, 31}, 4, SirenOutput::colors, shared);
    EXPECT_FALSE(siren_level_program(face, 39, false, false).compile(capability).empty());
  }
}

}  // namespace
}  // namespace tha4
