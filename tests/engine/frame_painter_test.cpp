#include "tha4/engine/frame_painter.h"

#include "engine/allocation_counter.h"
#include "engine/engine_fixtures.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/peak_memory.h"
#include "tha4/engine/fused_student.h"
#include "tha4/image/color.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/poser/student_poser.h"

namespace tha4 {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<Pose> poses_to_paint(int count) {
  return sample_poses(PoseDistribution::uniform, count, 8);
}

Bytes painted(FramePainter& painter, const Pose& pose, const FrameWindow& window,
              AlphaKind alpha = AlphaKind::straight) {
  Bytes pixels(
      static_cast<std::size_t>(window.region.width) * static_cast<std::size_t>(window.region.height) * 4, 77);
  painter.paint(pose, window, alpha, pixels.data());
  return pixels;
}

Bytes posed(Poser& poser, const Pose& pose, const FrameWindow& window) {
  return to_rgba_image(poser.pose(to_tensor({&pose, 1}), window).blended[0]).pixels;
}

TEST(FramePainter, PaintsWhatThePoserOfTheSameEngineMakesToTheBit) {
  for (const EmptyCells& empty : {EmptyCells(), scattered_cells()}) {
    const Character character = small_character(disc(), 0.3);
    StudentPoser poser(fused(character, two_workers(), empty), c10::kCPU);
    const auto painter = make_painter(character, two_workers(), empty);
    for (const Pose& pose : poses_to_paint(2)) {
      for (const FrameWindow& window :
           {FrameWindow(), FrameWindow::whole(300), FrameWindow{512, {100, 90, 201, 33}}}) {
        EXPECT_EQ(painted(*painter, pose, window), posed(poser, pose, window)) << window.resolution;
      }
    }
  }
}

TEST(FramePainter, PaintsCharactersOfOtherKindsToo) {
  Character character = small_character(disc(), 0.3);
  character.body_rotator_kind = BodyRotatorKind::vanilla_siren;
  character.body_rotator =
      VanillaSirenBodyRotator(SirenOptions{.pose_size = 45, .width = 8, .sine_layers = 2}).ptr();
  StudentPoser poser(fused(character, two_workers()), c10::kCPU);
  const auto painter = make_painter(character, two_workers());
  const FrameWindow window = FrameWindow::whole(100);
  EXPECT_EQ(painted(*painter, poses_to_paint(1)[0], window), posed(poser, poses_to_paint(1)[0], window));
}

TEST(FramePainter, MultipliesByAlphaWhereItIsAskedTo) {
  const Character character = small_character(disc(), 0.5);
  const std::array painters{
      make_painter(character, two_workers()),
      make_painter(std::make_shared<StudentPoser>(fused(character, two_workers()), c10::Device(c10::kCPU)))};
  const Pose pose = poses_to_paint(1)[0];
  for (const auto& painter : painters) {
    Bytes expected = painted(*painter, pose, {});
    bool has_partial = false;
    for (std::size_t i = 0; i < expected.size(); i += 4) {
      const int alpha = expected[i + 3];
      has_partial = has_partial || (alpha > 0 && alpha < 255);
      for (std::size_t c = 0; c < 3; ++c) {
        expected[i + c] = static_cast<std::uint8_t>(std::lround(expected[i + c] * alpha / 255.0));
      }
    }
    EXPECT_TRUE(has_partial);
    EXPECT_EQ(painted(*painter, pose, {}, AlphaKind::premultiplied), expected);
  }
}

TEST(FramePainter, RefusesWindowsOutsideTheFrame) {
  const auto painter = make_painter(small_character(disc(), 0.3), two_workers());
  std::uint8_t pixel[4];
  EXPECT_THROW(painter->paint({}, {512, {512, 0, 1, 1}}, AlphaKind::straight, pixel), InputError);
}

TEST(FramePainter, TakesNoMemoryForAFrame) {
  const auto painter = make_painter(small_character(disc(), 0.3), two_workers(), scattered_cells());
  const std::vector<Pose> poses = poses_to_paint(6);
  Bytes pixels(std::size_t{kImageSize} * kImageSize * 4);
  painter->paint(poses[0], {}, AlphaKind::straight, pixels.data());
  const PeakMemory memory(c10::kCPU);
  const std::int64_t before = allocations_so_far();
  for (const Pose& pose : poses) painter->paint(pose, {}, AlphaKind::straight, pixels.data());
  EXPECT_EQ(allocations_so_far() - before, 0);
  const auto growth = memory.growth();
  if (growth) {
    EXPECT_LT(*growth, 1 << 20);  // a single plane of a frame would be a mebibyte
  }
}

}  // namespace
}  // namespace tha4
