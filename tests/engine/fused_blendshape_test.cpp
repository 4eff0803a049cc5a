#include <cstdlib>

#include "blendshape_character.h"
#include "engine/engine_fixtures.h"
#include "siren_character.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/engine/engine.h"
#include "tha4/engine/frame_painter.h"
#include "tha4/engine/fused_student.h"
#include "tha4/image/color.h"
#include "tha4/metrics/psnr.h"
#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

std::unique_ptr<StudentPoser> fused_poser(const Character& character) {
  return std::make_unique<StudentPoser>(fused(character, std::make_shared<TileWorkers>(2)), c10::kCPU);
}

/// The decibels by which a fused character's frames differ from its own, at least.
double min_agreement(const Character& character, int poses, const FrameWindow& window = {}) {
  StudentPoser reference(character, c10::kCPU);
  const std::unique_ptr<StudentPoser> student = fused_poser(character);
  return min_agreement(*student, reference, poses, window, kOfBlendshapes);
}

TEST(FusedBlendshape, DrawsWhatTheNetworksDraw) {
  EXPECT_GT(min_agreement(blendshape_character(), 64), 50);
  EXPECT_GT(min_agreement(moving_character(), 8), 50);
}

TEST(FusedBlendshape, DrawsNetworksOfOddSizes) {
  Character character = blendshape_character();
  character.face_morpher = random_face({{1, 1}, {16384, 2}});
  character.body_rotator = random_body(map_of(2, 60, 6, 5, 1), map_of(5, 35, 7, 1, 1), 1);
  EXPECT_GT(min_agreement(character, 4), 50);
  character.body_rotator = random_body(map_of(2, 3, 1, 2, 1), map_of(5, 512, 64, 3, 4), 1);
  EXPECT_GT(min_agreement(character, 2), 50);
}

TEST(FusedBlendshape, DrawsMovingMapsOfOddSizes) {
  Character character = blendshape_character();
  character.body_rotator =
      random_body(map_of(2, 60, 6, 5, 1), map_of(5, 35, 7, 1, 1), 1, map_of(2, 6, 3, 2, 1));
  EXPECT_GT(min_agreement(character, 4), 50);
  character.body_rotator =
      random_body(map_of(2, 3, 1, 2, 1), map_of(5, 512, 64, 3, 4), 1, map_of(2, 1, 1, 1, 1));
  EXPECT_GT(min_agreement(character, 2), 50);
}

TEST(FusedBlendshape, DrawsMixedKinds) {
  Character character = blendshape_character();
  character.face_morpher_kind = FaceMorpherKind::siren;
  character.face_morpher = SirenFaceMorpher(SirenOptions{.width = 16, .sine_layers = 3}).ptr();
  EXPECT_GT(min_agreement(character, 2), 50);
}

TEST(FusedBlendshape, DrawsAnyResolution) {
  for (const Character& character : {blendshape_character(), moving_character()}) {
    for (const int resolution : {1, 100, 333, 1024}) {
      EXPECT_GT(min_agreement(character, 1, FrameWindow::whole(resolution)), 50) << resolution;
    }
  }
}

void expect_parts_of_the_whole(const Character& character) {
  const std::unique_ptr<StudentPoser> student = fused_poser(character);
  const at::Tensor poses = some_poses(2);
  for (const int resolution : {512, 640}) {
    const PosedFrame whole = student->pose(poses, FrameWindow::whole(resolution));
    for (const Region& region : {Region{0, 0, 1, 1},
                                 {13, 200, 77, 5},
                                 {resolution - 33, resolution - 1, 33, 1},
                                 {100, 0, 300, resolution}}) {
      const PosedFrame part = student->pose(poses, {resolution, region});
      const auto cut = [&](const at::Tensor& tensor) {
        return tensor.narrow(2, region.y, region.height).narrow(3, region.x, region.width);
      };
      EXPECT_TRUE(torch::equal(part.blended, cut(whole.blended))) << resolution << " " << region.x;
      EXPECT_TRUE(torch::equal(part.alpha, cut(whole.alpha))) << resolution << " " << region.x;
      EXPECT_TRUE(torch::equal(part.flow, cut(whole.flow))) << resolution << " " << region.x;
    }
  }
}

TEST(FusedBlendshape, DrawsPartsOfAFrameAsItDrawsTheWhole) {
  expect_parts_of_the_whole(blendshape_character());
  expect_parts_of_the_whole(moving_character());
}

void expect_nothing_to_be_left_out_but_that(Character character) {
  // A tile without a basis, one whose basis is zero, and one whose weights become zero with a pose.
  const torch::NoGradGuard no_grad;
  auto& body = dynamic_cast<BlendshapeBodyRotatorImpl&>(*character.body_rotator);
  body.appearance->basis[3].zero_();
  for (auto& parameter : body.appearance->weights->named_parameters()) {
    if (parameter.key().ends_with("bias")) parameter.value().zero_();
  }
  StudentPoser reference(character, c10::kCPU);
  const std::unique_ptr<StudentPoser> student = fused_poser(character);
  const at::Tensor moved = some_poses(1), rest = torch::zeros({1, 45});
  for (const at::Tensor& pose : {moved, rest, moved}) {
    const PosedFrame expected = reference.pose(pose), frame = student->pose(pose);
    EXPECT_GT(network_psnr(frame.blended, expected.blended).item<double>(), 50);
  }
  EXPECT_EQ(student->pose(rest).alpha.abs().max().item<double>(), 0);
}

TEST(FusedBlendshape, LeavesOutWhatAddsNothing) {
  expect_nothing_to_be_left_out_but_that(blendshape_character());
  expect_nothing_to_be_left_out_but_that(moving_character());
}

/// The largest difference of two pictures' levels where both have some alpha, and of their alphas.
int largest_difference(const RgbaImage& a, const RgbaImage& b) {
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.pixels[i]} - int{b.pixels[i]}));
  }
  return largest;
}

RgbaImage painted_picture(FramePainter& painter, const Pose& pose, const FrameWindow& window,
                          AlphaKind alpha = AlphaKind::straight) {
  RgbaImage picture(window.region.width, window.region.height);
  painter.paint(pose, window, alpha, picture.pixels.data());
  return picture;
}

void expect_pictures_of_the_poser(const Character& character) {
  const std::unique_ptr<StudentPoser> student = fused_poser(character);
  const auto painter = make_painter(character, std::make_shared<TileWorkers>(2));
  for (const Pose& pose : sample_poses(PoseDistribution::natural, 6, 4)) {
    for (const FrameWindow& window :
         {FrameWindow{}, FrameWindow{512, {100, 37, 201, 33}}, FrameWindow::whole(300)}) {
      const RgbaImage expected = to_rgba_image(student->pose(to_tensor({&pose, 1}), window).blended[0]);
      EXPECT_LE(largest_difference(painted_picture(*painter, pose, window), expected), 1);
    }
  }
}

TEST(BlendshapePainter, PaintsThePicturesOfThePoser) {
  expect_pictures_of_the_poser(blendshape_character());
  expect_pictures_of_the_poser(moving_character());
}

TEST(BlendshapePainter, MultipliesColoursByAlphaWhereThatIsAskedFor) {
  const auto painter = make_painter(blendshape_character(), std::make_shared<TileWorkers>(2));
  const FrameWindow window{512, {100, 37, 201, 33}};
  const RgbaImage straight = painted_picture(*painter, Pose{}, window);
  const RgbaImage premultiplied = painted_picture(*painter, Pose{}, window, AlphaKind::premultiplied);
  for (std::size_t i = 0; i < straight.pixels.size(); ++i) {
    const int alpha = straight.pixels[i / 4 * 4 + 3];
    const int expected = i % 4 == 3 ? alpha : (straight.pixels[i] * alpha + 127) / 255;
    ASSERT_EQ(premultiplied.pixels[i], expected) << i;
  }
}

TEST(Engine, PlaysAllStudentsOnCpusInTheirOwnPrecision) {
  const Character character = blendshape_character();
  EXPECT_FALSE(why_not_fused(character, c10::kCPU, Precision::fp32));
  EXPECT_EQ(*why_not_fused(character, c10::kCPU, Precision::bf16),
            "the kernels have a precision of their own");
}

}  // namespace
}  // namespace tha4
