#include "tha4/engine/fused_student.h"

#include "engine/engine_fixtures.h"
#include "siren_character.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

/// The decibels by which a fused character's frames differ from its own, at least.
double parity(const Character& character, int poses, const FrameWindow& window) {
  StudentPoser reference(character, c10::kCPU);
  StudentPoser student(fused(character, std::make_shared<TileWorkers>(2)), c10::kCPU);
  return min_agreement(student, reference, poses, window);
}

TEST(FusedStudent, DrawsWhatThePapersNetworksDraw) {
  const auto character = siren_character(SirenBodyRotatorOptions());
  EXPECT_GT(parity(character, 3, {}), 50);
}

TEST(FusedStudent, DrawsNetworksOfOddSizes) {
  SirenBodyRotatorOptions odd{.levels = {{128, 37}, {256, 21}, {512, 9}}};
  EXPECT_GT(parity(siren_character(odd, {.width = 31, .sine_layers = 3}), 4, {}), 50);
  odd = {.levels = {{2, 5}, {4, 6}, {8, 5}, {16, 7}, {32, 5}, {64, 6}, {128, 5}, {256, 7}, {512, 5}}};
  EXPECT_GT(parity(siren_character(odd, {.width = 8, .sine_layers = 2}), 2, {}), 50);
  odd = {.levels = {{512, 1}}, .sine_layers = 1};
  EXPECT_GT(parity(siren_character(odd, {.width = 1, .sine_layers = 1}), 2, {}), 50);
}

TEST(FusedStudent, DrawsTheOtherArchitecturesOfTable6) {
  const SirenBodyRotatorOptions single{.levels = {{512, 20}, {512, 14}, {512, 10}}};
  EXPECT_GT(parity(siren_character(single, {}, BodyRotatorKind::siren_single_resolution), 2, {}), 50);
  const SirenOptions vanilla{.pose_size = 45, .width = 24, .sine_layers = 4};
  EXPECT_GT(parity(vanilla_siren_character(vanilla), 2, {}), 50);
}

TEST(FusedStudent, DrawsAnyResolution) {
  const SirenBodyRotatorOptions options{.levels = {{128, 30}, {256, 20}, {512, 12}}};
  const auto character = siren_character(options);
  for (const int resolution : {1, 100, 333, 1024}) {
    EXPECT_GT(parity(character, 1, FrameWindow::whole(resolution)), 50) << resolution;
  }
}

TEST(FusedStudent, DrawsPartsOfAFrameAsItDrawsTheWhole) {
  const SirenBodyRotatorOptions options{.levels = {{128, 30}, {256, 20}, {512, 12}}};
  const auto character = siren_character(options);
  StudentPoser student(fused(character, std::make_shared<TileWorkers>(2)), c10::kCPU);
  const at::Tensor poses = some_poses(2);
  for (const int resolution : {512, 640}) {
    const at::Tensor whole = student.pose(poses, FrameWindow::whole(resolution)).blended;
    for (const Region& region :
         {Region{0, 0, 1, 1}, {13, 200, 77, 5}, {resolution - 33, resolution - 1, 33, 1}}) {
      const at::Tensor part = student.pose(poses, {resolution, region}).blended;
      EXPECT_TRUE(
          torch::equal(part, whole.narrow(2, region.y, region.height).narrow(3, region.x, region.width)))
          << resolution << " " << region.x;
    }
  }
}

}  // namespace
}  // namespace tha4
