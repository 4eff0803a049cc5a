#include "tha4/engine/fused_student.h"

#include "engine/engine_fixtures.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/metrics/psnr.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

RgbaImage striped_picture() {
  RgbaImage image(kImageSize, kImageSize);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 255 : i * 7 / 5 % 251);
  }
  return image;
}

/// A character of untrained networks, whose body moves by a few pixels, as bodies do.
template <class Rotator, class Options>
Character character_of(BodyRotatorKind kind, const Options& options, const SirenOptions& face = {}) {
  torch::manual_seed(3);
  Character character;
  character.image = striped_picture();
  character.face_morpher = SirenFaceMorpher(face).ptr();
  character.body_rotator_kind = kind;
  Rotator rotator(options);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : rotator->named_parameters()) {
    if (parameter.key().find("last_linear") != std::string::npos) parameter.value().mul_(0.05);
  }
  character.body_rotator = rotator.ptr();
  return character;
}

/// The decibels by which a fused character's frames differ from its own, at least.
double parity(const Character& character, int poses, const FrameWindow& window) {
  StudentPoser reference(character, c10::kCPU);
  StudentPoser student(fused(character, std::make_shared<TileWorkers>(2)), c10::kCPU);
  const at::Tensor batch = some_poses(poses);
  const PosedFrame expected = reference.pose(batch, window), frame = student.pose(batch, window);
  double min = std::numeric_limits<double>::infinity();
  for (int i = 0; i < poses; ++i) {
    for (const auto& [ours, theirs] : {std::pair{frame.blended, expected.blended},
                                       {frame.warped, expected.warped},
                                       {frame.direct, expected.direct},
                                       {frame.face, expected.face}}) {
      min = std::min(min, network_psnr(ours[i].unsqueeze(0), theirs[i].unsqueeze(0)).item<double>());
    }
  }
  EXPECT_LT((frame.flow - expected.flow).abs().max().item<double>(), 2e-3);
  EXPECT_LT((frame.alpha - expected.alpha).abs().max().item<double>(), 2e-2);
  return min;
}

TEST(FusedStudent, DrawsWhatThePapersNetworksDraw) {
  const auto character = character_of<SirenBodyRotator>(BodyRotatorKind::siren, SirenBodyRotatorOptions());
  EXPECT_GT(parity(character, 3, {}), 50);
}

TEST(FusedStudent, DrawsNetworksOfOddSizes) {
  SirenBodyRotatorOptions odd{.levels = {{128, 37}, {256, 21}, {512, 9}}};
  EXPECT_GT(
      parity(character_of<SirenBodyRotator>(BodyRotatorKind::siren, odd, {.width = 31, .sine_layers = 3}), 4,
             {}),
      50);
  odd = {.levels = {{2, 5}, {4, 6}, {8, 5}, {16, 7}, {32, 5}, {64, 6}, {128, 5}, {256, 7}, {512, 5}}};
  EXPECT_GT(
      parity(character_of<SirenBodyRotator>(BodyRotatorKind::siren, odd, {.width = 8, .sine_layers = 2}), 2,
             {}),
      50);
  odd = {.levels = {{512, 1}}, .sine_layers = 1};
  EXPECT_GT(
      parity(character_of<SirenBodyRotator>(BodyRotatorKind::siren, odd, {.width = 1, .sine_layers = 1}), 2,
             {}),
      50);
}

TEST(FusedStudent, DrawsTheOtherArchitecturesOfTable6) {
  const SirenBodyRotatorOptions single{.levels = {{512, 20}, {512, 14}, {512, 10}}};
  EXPECT_GT(parity(character_of<SirenBodyRotator>(BodyRotatorKind::siren_single_resolution, single), 2, {}),
            50);
  const SirenOptions vanilla{.pose_size = 45, .width = 24, .sine_layers = 4};
  EXPECT_GT(parity(character_of<VanillaSirenBodyRotator>(BodyRotatorKind::vanilla_siren, vanilla), 2, {}),
            50);
}

TEST(FusedStudent, DrawsAnyResolution) {
  const SirenBodyRotatorOptions options{.levels = {{128, 30}, {256, 20}, {512, 12}}};
  const auto character = character_of<SirenBodyRotator>(BodyRotatorKind::siren, options);
  for (const int resolution : {1, 100, 333, 1024}) {
    EXPECT_GT(parity(character, 1, FrameWindow::whole(resolution)), 50) << resolution;
  }
}

TEST(FusedStudent, DrawsPartsOfAFrameAsItDrawsTheWhole) {
  const SirenBodyRotatorOptions options{.levels = {{128, 30}, {256, 20}, {512, 12}}};
  const auto character = character_of<SirenBodyRotator>(BodyRotatorKind::siren, options);
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
