#include "body_motion.h"

#include <vector>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/image/region.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

/// A motion that leads every place to the right and down, to the right most in the middle.
at::Tensor some_motion(int size) {
  const auto cells = torch::linspace(-1, 1, size);
  const auto across = 0.04 * torch::cos(cells).unsqueeze(0).expand({size, size});
  return torch::stack({across, torch::full({size, size}, 0.02)}).unsqueeze(0);
}

TEST(BodyMotion, IsThatOfTheFlowWhereTheRestImageIsSeen) {
  constexpr int kSize = 64;
  const auto motion = some_motion(16);
  const auto flow =
      sample_map(motion.permute({0, 2, 3, 1}), FrameWindow::whole(16), FrameWindow::whole(kSize))
          .permute({0, 3, 1, 2})
          .contiguous();
  TeacherFrames frames{.poses = {},
                       .faces = {},
                       .blended = torch::ones({1, 4, kImageSize, kImageSize}),
                       .flow = flow.clone(),
                       .appearance = torch::zeros({1, 5, 128, 128})};
  // What the teacher drew itself, and what is empty, say nothing.
  frames.appearance.narrow(1, 0, 1).narrow(2, 0, 32).fill_(1);
  frames.flow.narrow(2, 0, 16).fill_(7);
  frames.blended.narrow(3, 448, 64).fill_(-1);
  frames.flow.narrow(3, 56, 8).fill_(-3);
  const auto found = fit_motions(frames, 16);
  EXPECT_LT((found - motion).narrow(2, 5, 11).narrow(3, 0, 13).abs().max().item<double>(), 1e-3);
  EXPECT_LT(found.abs().max().item<double>(), 0.1) << "beyond what is seen it goes on smoothly";
}

TEST(BodyMotion, AttachedMapsGiveTheFramesWhereItLeads) {
  constexpr int kFlowSize = 128, kSize = 256;
  const auto smooth = [](int channels, int size) {
    const auto place = torch::linspace(-1, 1, size);
    std::vector<at::Tensor> maps;
    for (int channel = 0; channel < channels; ++channel) {
      maps.push_back(torch::sin(3 * place + channel).unsqueeze(0) * torch::cos(2 * place).unsqueeze(1));
    }
    return 0.5 + 0.5 * torch::stack(maps).unsqueeze(0);
  };
  TeacherFrames frames{.poses = {},
                       .faces = {},
                       .blended = smooth(4, kImageSize),
                       .flow = 0.1 * smooth(2, kFlowSize),
                       .appearance = smooth(5, kSize)};
  const auto flow = frames.flow.clone(), appearance = frames.appearance.clone();
  const auto motion = some_motion(16);
  const auto cover = attach_flow(frames, motion);
  attach_appearance(frames, motion);
  EXPECT_EQ(cover.size(1), kFlowSize);
  const auto moved_at = [&](const at::Tensor& map, const FrameWindow& window) {
    const auto at_pixels = sample_map(motion.permute({0, 2, 3, 1}), FrameWindow::whole(16), window);
    return std::pair(warp(map, at_pixels.permute({0, 3, 1, 2}), window), at_pixels.permute({0, 3, 1, 2}));
  };
  // Away from the border, beyond which maps are not known.
  const auto inner = [](const at::Tensor& map) {
    const std::int64_t size = map.size(2);
    return map.narrow(2, size / 8, size * 3 / 4).narrow(3, size / 8, size * 3 / 4);
  };
  const auto [flow_there, motion_here] = moved_at(frames.flow, FrameWindow::whole(kFlowSize));
  EXPECT_LT(inner(flow_there + motion_here - flow).abs().max().item<double>(), 1e-3);
  const auto appearance_there = moved_at(frames.appearance, FrameWindow::whole(kSize)).first;
  EXPECT_LT(inner(appearance_there - appearance).abs().max().item<double>(), 1e-2);
}

}  // namespace
}  // namespace tha4
