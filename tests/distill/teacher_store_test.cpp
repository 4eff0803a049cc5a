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
  const TeacherStore store = TeacherStore::of_frames(*rig, poses, 4, {}, {});
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
    const at::Tensor kept = store.kept({i}, FrameWindow{}.region);
    EXPECT_LT(mean_error(stored.flow, expected.flow * kept), 1e-3);
    EXPECT_LT(kept.mean().item<double>(), 0.7);
    EXPECT_LT(((expected.blended.narrow(1, 3, 1) + 1) * (1 - kept)).max().item<double>(), 0.041)
        << "is drawn";
    EXPECT_LT(((rig->rest_image()[3] + 1) * (1 - kept)).max().item<double>(), 0.041);
    const Region window{200, 130, 77, 60};
    const PosedFrame part = store.frames({i}, window);
    const auto inside = [&](const at::Tensor& planes) {
      return planes.narrow(2, window.y, window.height).narrow(3, window.x, window.width);
    };
    EXPECT_TRUE(torch::equal(part.flow, inside(stored.flow)));
    EXPECT_TRUE(torch::equal(part.direct, inside(stored.direct)));
    EXPECT_TRUE(torch::equal(part.alpha, inside(stored.alpha)));
  }
}

}  // namespace
}  // namespace tha4
