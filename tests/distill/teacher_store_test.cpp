#include "teacher_store.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/metrics/psnr.h"
#include "tha4/opening/open_poser.h"

namespace tha4 {
namespace {

TEST(TeacherStore, KeepsTheFramesOfARig) {
  const auto rig = open_poser({.name = "procedural:51"});
  const at::Tensor poses = draw_poses(PoseSource{}, 6, 3);
  const TeacherStore store = TeacherStore::of_frames(*rig, poses, 4, {});
  ASSERT_EQ(store.count(), 6);
  EXPECT_LT(store.region().width * store.region().height, 512 * 512);
  for (const std::int64_t i : {0, 5}) {
    const PosedFrame expected = rig->pose(poses.narrow(0, i, 1));
    const PosedFrame stored = store.frames({i}, FrameWindow{}.region);
    const auto mean_error = [](const at::Tensor& a, const at::Tensor& b) {
      return (a - b).abs().mean().item<double>();
    };
    // Half a step of 8 bits, and what flow of 16 bits moves.
    EXPECT_LT(mean_error(stored.face, expected.face), 0.003);
    EXPECT_LT(mean_error(stored.warped, expected.warped), 0.003);
    EXPECT_LT(mean_error(stored.blended, expected.blended), 0.003);
    EXPECT_GT(network_psnr(stored.blended, expected.blended).item<double>(), 48) << i;
  }
}

}  // namespace
}  // namespace tha4
