#include "tha4/render/rig_poser.h"

#include "rig/hand_made_rig.h"
#include "tensor_difference.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/rig/generator.h"

namespace tha4::test {
namespace {

/// Poses that turn, shift and open at once.
at::Tensor some_poses() {
  Pose mixed = pose_of("neck_z", -0.6F);
  mixed[static_cast<std::size_t>(pose_parameter_index("head_y"))] = 0.55F;
  mixed[static_cast<std::size_t>(pose_parameter_index("mouth_aaa"))] = 0.8F;
  const std::vector<Pose> poses = {Pose{}, pose_of("head_y", 1), mixed};
  return to_tensor(poses);
}

/// What is exact is so for the rig that is worked out by hand, and for one with all that rigs have but for
/// what its picture alone shows.
std::vector<Rig> some_rigs() {
  Rig generated = generate_rig(7);
  generated.picture_morphs.clear();
  return {hand_made_rig(), std::move(generated)};
}

TEST(RigPoser, FramesHaveTheShapesOfEveryPoser) {
  const auto poser = make_rig_poser(hand_made_rig(), torch::kCPU);
  const PosedFrame frame = poser->pose(some_poses(), {640, {100, 50, 300, 200}});
  EXPECT_EQ(poser->rest_image().sizes(), (std::vector<std::int64_t>{4, 512, 512}));
  EXPECT_EQ(frame.blended.sizes(), (std::vector<std::int64_t>{3, 4, 200, 300}));
  EXPECT_EQ(frame.warped.sizes(), frame.blended.sizes());
  EXPECT_EQ(frame.direct.sizes(), frame.blended.sizes());
  EXPECT_EQ(frame.alpha.sizes(), (std::vector<std::int64_t>{3, 1, 200, 300}));
  EXPECT_EQ(frame.flow.sizes(), (std::vector<std::int64_t>{3, 2, 200, 300}));
  EXPECT_EQ(frame.face.sizes(), (std::vector<std::int64_t>{3, 4, 128, 128}));
}

TEST(RigPoser, TheRestPoseIsTheRestImage) {
  for (const Rig& rig : some_rigs()) {
    SCOPED_TRACE(rig.name);
    const auto poser = make_rig_poser(rig, torch::kCPU);
    const PosedFrame frame = poser->pose(torch::zeros({1, kPoseSize}));
    EXPECT_LT(largest_difference(frame.direct[0], poser->rest_image()), 1e-6);
    EXPECT_LT(frame.flow.abs().max().item<double>(), 1e-5);
    // A flow that is off by 1e-5, a 390th of a pixel, gives that fraction of what a painted line and its
    // surroundings differ by, which is up to 2.
    const double tolerance = rig.textures.size() > 1 ? 1e-5 * 256 * 2 : 1e-3;
    EXPECT_LT(largest_difference(frame.blended[0], poser->rest_image()), tolerance);
    EXPECT_EQ(frame.alpha.max().item<double>(), 0);
  }
}

TEST(RigPoser, TheRestImageAloneShowsTheMorphsOfThePicture) {
  Rig rig = hand_made_rig();
  const auto closed = make_rig_poser(rig, torch::kCPU);
  rig.picture_morphs = {"open"};
  const auto poser = make_rig_poser(rig, torch::kCPU);
  const at::Tensor poses = to_tensor(std::vector<Pose>{Pose{}, pose_of("mouth_aaa", 1)});
  const PosedFrame frame = poser->pose(poses);
  EXPECT_LT(largest_difference(poser->rest_image(), frame.direct[1]), 1e-6);
  EXPECT_LT(largest_difference(closed->rest_image(), frame.direct[0]), 1e-6);
  EXPECT_GT(largest_difference(closed->rest_image(), poser->rest_image()), 0.5);
  EXPECT_LT(largest_difference(frame.blended[0], frame.direct[0]), 2e-3) << "the face is pasted, closed";
}

TEST(RigPoser, BlendedIsAboutTheDrawnFrame) {
  for (const Rig& rig : some_rigs()) {
    SCOPED_TRACE(rig.name);
    const auto poser = make_rig_poser(rig, torch::kCPU);
    for (const int resolution : {512, 300}) {
      const PosedFrame frame = poser->pose(some_poses(), FrameWindow::whole(resolution));
      EXPECT_LE(largest_difference(frame.blended, frame.direct) / 2, 15.0 / 255);
      EXPECT_LT(largest_difference(frame.blended, blend(frame.alpha, frame.direct, frame.warped)), 1e-6);
      EXPECT_GE(frame.alpha.min().item<double>(), 0);
      EXPECT_LE(frame.alpha.max().item<double>(), 1);
    }
  }
}

TEST(RigPoser, WarpedIsTheFacePastedRestImageThroughTheFlow) {
  for (const Rig& rig : some_rigs()) {
    SCOPED_TRACE(rig.name);
    const auto poser = make_rig_poser(rig, torch::kCPU);
    const PosedFrame frame = poser->pose(some_poses());
    const at::Tensor pasted = paste(poser->rest_image().unsqueeze(0), frame.face, kFaceCrop);
    EXPECT_LT(largest_difference(frame.warped, apply_flow(pasted, frame.flow)), 1e-3);
  }
}

TEST(RigPoser, WarpingExplainsMostOfTheFrame) {
  const auto poser = make_rig_poser(hand_made_rig(), torch::kCPU);
  const PosedFrame frame = poser->pose(some_poses());
  // Alpha is for what was uncovered and for edges: in the first pose nothing, then some percent.
  EXPECT_LT(frame.alpha.mean().item<double>(), 0.05);
  const at::Tensor inside_front = frame.alpha[1][0].slice(0, 110, 180).slice(1, 246, 314);
  EXPECT_EQ(inside_front.max().item<double>(), 0);
  const at::Tensor uncovered = frame.alpha[1][0].slice(0, 124, 180).slice(1, 218, 236);
  EXPECT_EQ(uncovered.min().item<double>(), 1);
}

TEST(RigPoser, RegionsAreCropsOfTheFrame) {
  const auto poser = make_rig_poser(hand_made_rig(), torch::kCPU);
  const Region region{201, 97, 130, 90};
  const PosedFrame whole = poser->pose(some_poses());
  const PosedFrame part = poser->pose(some_poses(), {kImageSize, region});
  EXPECT_LT(largest_difference(part.direct, crop(whole.direct, region)), 1e-3);
  EXPECT_LT(largest_difference(part.flow, crop(whole.flow, region)), 1e-6);
  EXPECT_LT(largest_difference(part.warped, crop(whole.warped, region)), 1e-3);
  EXPECT_LT(largest_difference(part.alpha, crop(whole.alpha, region)), 1e-3);
}

TEST(RigPoser, FaceIsThatOfTheWholeFrame) {
  for (const Rig& rig : some_rigs()) {
    SCOPED_TRACE(rig.name);
    const auto poser = make_rig_poser(rig, torch::kCPU);
    const PosedFrame frame = poser->pose(some_poses());
    EXPECT_LT(largest_difference(poser->face(some_poses()), frame.face), 1e-6);
  }
}

TEST(RigPoser, RefusesBadWindowsAndPoses) {
  const auto poser = make_rig_poser(hand_made_rig(), torch::kCPU);
  EXPECT_THROW(poser->pose(torch::zeros({1, kPoseSize}), {512, {0, 0, 513, 1}}), InputError);
  EXPECT_THROW(poser->pose(torch::zeros({1, 44})), InputError);
}

}  // namespace
}  // namespace tha4::test
