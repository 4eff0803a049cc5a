#include "tha4/engine/gpu_student_poser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "blendshape_character.h"
#include "engine/engine_fixtures.h"
#include "gpu_blend_sums.h"
#include "gpu_test.h"
#include "siren_character.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/cuda_program.h"
#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/metrics/psnr.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

/// A picture without edges: products of 16 bits move it by hundredths of a pixel.
RgbaImage wavy_picture() {
  RgbaImage image(kImageSize, kImageSize);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::size_t pixel = i / 4, x = pixel % kImageSize, y = pixel / kImageSize;
    const double wave = std::sin(static_cast<double>(x) / 9 + static_cast<double>(i % 4)) *
                        std::cos(static_cast<double>(y) / 7);
    image.pixels[i] = static_cast<std::uint8_t>(i % 4 == 3 ? 255 : std::lrint(127 + 120 * wave));
  }
  return image;
}

Character wavy_character(const SirenBodyRotatorOptions& body, const SirenOptions& face = {},
                         BodyRotatorKind kind = BodyRotatorKind::siren) {
  Character character = siren_character(body, face, kind);
  character.image = wavy_picture();
  return character;
}

RgbaImage premultiplied(RgbaImage image) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
    for (std::size_t c = 0; c < 3; ++c) {
      image.pixels[i + c] =
          static_cast<std::uint8_t>(std::lround(image.pixels[i + c] * image.pixels[i + 3] / 255.0));
    }
  }
  return image;
}

class GpuStudent : public GpuTest {
 protected:
  /// The decibels by which the kernels' frames differ from the networks' own, at least.
  double parity(const Character& character, int poses, const FrameWindow& window) const {
    GpuStudentPoser student(character, device_);
    StudentPoser reference(character, device_);  // which moves the networks
    return min_agreement(student, reference, poses, window);
  }

  double blend_parity(const Character& character, int poses, const FrameWindow& window) const {
    GpuStudentPoser student(character, device_);
    StudentPoser reference(character, device_);
    return min_agreement(student, reference, poses, window, kOfBlendshapes);
  }
};

TEST_F(GpuStudent, DrawsWhatThePapersNetworksDraw) {
  EXPECT_GT(parity(wavy_character(SirenBodyRotatorOptions()), 64, {}), 50);
}

TEST_F(GpuStudent, DrawsNetworksOfOddSizes) {
  SirenBodyRotatorOptions odd{.levels = {{128, 37}, {256, 21}, {512, 9}}};
  EXPECT_GT(parity(wavy_character(odd, {.width = 31, .sine_layers = 3}), 4, {}), 50);
  odd = {.levels = {{2, 5}, {4, 6}, {8, 5}, {16, 7}, {32, 5}, {64, 6}, {128, 5}, {256, 7}, {512, 5}}};
  EXPECT_GT(parity(wavy_character(odd, {.width = 8, .sine_layers = 2}), 2, {}), 50);
  odd = {.levels = {{512, 1}}, .sine_layers = 1};
  EXPECT_GT(parity(wavy_character(odd, {.width = 1, .sine_layers = 1}), 2, {}), 50);
}

TEST_F(GpuStudent, DrawsNetworksOfOneResolution) {
  const SirenBodyRotatorOptions single{.levels = {{512, 40}, {512, 27}, {512, 10}}};
  EXPECT_GT(parity(wavy_character(single, {}, BodyRotatorKind::siren_single_resolution), 2, {}), 50);
}

TEST_F(GpuStudent, DrawsAnyResolution) {
  const Character character = wavy_character({.levels = {{128, 30}, {256, 20}, {512, 12}}});
  for (const int resolution : {1, 100, 333, 1024}) {
    EXPECT_GT(parity(character, 1, FrameWindow::whole(resolution)), 50) << resolution;
  }
}

TEST_F(GpuStudent, DrawsPartsOfAFrameAsItDrawsTheWhole) {
  const Character character = wavy_character(SirenBodyRotatorOptions());
  GpuStudentPoser student(character, device_);
  const at::Tensor poses = some_poses(2);
  for (const int resolution : {512, 640}) {
    const at::Tensor whole = student.pose(poses, FrameWindow::whole(resolution)).blended;
    for (const Region& region : {Region{0, 0, 1, 1},
                                 {13, 200, 77, 5},
                                 {14, 201, 64, 64},
                                 {resolution - 33, resolution - 1, 33, 1}}) {
      const at::Tensor part = student.pose(poses, {resolution, region}).blended;
      EXPECT_TRUE(
          torch::equal(part, whole.narrow(2, region.y, region.height).narrow(3, region.x, region.width)))
          << resolution << " " << region.x;
    }
  }
}

TEST_F(GpuStudent, DrawsEachPoseOfABatchAsItDrawsItAlone) {
  GpuStudentPoser student(wavy_character({.levels = {{128, 30}, {256, 20}, {512, 12}}}), device_);
  const at::Tensor poses = some_poses(19);
  const PosedFrame together = student.pose(poses);
  for (const int index : {0, 7, 8, 18}) {
    const PosedFrame alone = student.pose(poses.narrow(0, index, 1));
    EXPECT_TRUE(torch::equal(alone.blended[0], together.blended[index])) << index;
    EXPECT_TRUE(torch::equal(alone.face[0], together.face[index])) << index;
  }
}

TEST_F(GpuStudent, DrawsNetworksThatDrawTheFrameDirectly) {
  Character character = vanilla_siren_character({.pose_size = 45, .width = 70, .sine_layers = 4});
  character.image = wavy_picture();
  EXPECT_GT(parity(character, 4, {}), 50);
  EXPECT_GT(parity(character, 1, {300, {13, 50, 77, 90}}), 50);
}

TEST_F(GpuStudent, PaintsWhatItDraws) {
  const std::array characters{wavy_character(SirenBodyRotatorOptions()),
                              vanilla_siren_character({.pose_size = 45, .width = 16, .sine_layers = 2}),
                              blendshape_character(), moving_character()};
  for (const Character& character : characters) {
    GpuStudentPoser student(character, device_);
    const auto painter = make_painter(character, device_);
    for (const Pose& pose : sample_poses(PoseDistribution::uniform, 2, 8)) {
      for (const FrameWindow& window :
           {FrameWindow(), FrameWindow::whole(300), FrameWindow{512, {100, 90, 201, 33}}}) {
        const std::size_t bytes =
            std::size_t{4} * static_cast<std::size_t>(window.region.width * window.region.height);
        std::vector<std::uint8_t> painted(bytes, 77);
        painter->paint(pose, window, AlphaKind::straight, painted.data());
        const RgbaImage drawn = to_rgba_image(student.pose(to_tensor({&pose, 1}), window).blended[0]);
        EXPECT_EQ(painted, drawn.pixels) << window.resolution;
        painter->paint(pose, window, AlphaKind::premultiplied, painted.data());
        EXPECT_EQ(painted, premultiplied(drawn).pixels) << window.resolution;
      }
    }
  }
}

class GpuBlendshape : public GpuStudent {};

TEST_F(GpuBlendshape, DrawsWhatTheNetworksDraw) {
  for (const Character& character : {blendshape_character(), moving_character()}) {
    EXPECT_GT(blend_parity(character, 8, {}), 50);
    EXPECT_GT(blend_parity(character, 2, FrameWindow::whole(333)), 50);
    EXPECT_GT(blend_parity(character, 2, {512, {130, 201, 64, 5}}), 50);
  }
}

TEST_F(GpuBlendshape, DrawsBesideASiren) {
  Character character = blendshape_character();
  character.face_morpher_kind = FaceMorpherKind::siren;
  character.face_morpher = wavy_character({.levels = {{128, 8}, {256, 8}}}).face_morpher;
  EXPECT_GT(blend_parity(character, 2, {}), 50);
  character = wavy_character({.levels = {{128, 30}, {256, 20}, {512, 12}}});
  character.face_morpher_kind = FaceMorpherKind::blendshape;
  character.face_morpher = blendshape_character().face_morpher;
  EXPECT_GT(parity(character, 2, {}), 50);
}

TEST_F(GpuBlendshape, DrawsEachPoseOfABatchAsItDrawsItAlone) {
  GpuStudentPoser student(blendshape_character(), device_);
  const at::Tensor poses = some_poses(11);
  const PosedFrame together = student.pose(poses);
  for (const int index : {0, 7, 8, 10}) {
    const PosedFrame alone = student.pose(poses.narrow(0, index, 1));
    EXPECT_TRUE(torch::equal(alone.blended[0], together.blended[index])) << index;
    EXPECT_TRUE(torch::equal(alone.face[0], together.face[index])) << index;
  }
}

TEST(BlendshapeProgram, CompilesForEveryGpuOfTheLastYears) {
  if (!CudaProgram::has_compiler()) GTEST_SKIP() << "this LibTorch comes without NVRTC";
  for (const std::string capability : {"75", "80", "90a", "120"}) {
    EXPECT_FALSE(blendshape_program().compile(capability).empty());
  }
}

TEST(WhyNotOnGpu, NamesWhatIsMissing) {
  const Character character = siren_character({.levels = {{128, 8}, {256, 8}}});
  EXPECT_EQ(why_not_on_gpu(character, c10::kCPU), "there is no GPU that kernels can be compiled for");
  EXPECT_THROW(make_painter(character, c10::kCPU), Error);
  EXPECT_THROW(GpuStudentPoser(character, c10::kCPU), Error);
}

}  // namespace
}  // namespace tha4
