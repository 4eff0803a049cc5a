#include "moving_loss.h"

#include <vector>

#include "body_motion.h"
#include "some_frames.h"
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

/// Soft noise: where it is rough, its slope jumps at every cell, and it takes rounding alone to be on the
/// other side. \return [count, channels, size, size]
at::Tensor soft_noise(std::int64_t count, int channels, int size) {
  return interpolate(torch::randn({count, channels, 3, 3}), size);
}

/// A body whose maps lead out of the picture here and there, alpha out of [0, 1]; half of its tiles have
/// bases.
BlendshapeBodyRotator some_body(int flow_size, int appearance_size) {
  const auto options = [](int channels, int size, int tile_size, int tiles) {
    return TiledBlendshapeOptions{.channels = channels,
                                  .tiles = tiles,
                                  .basis_size = 3,
                                  .size = size,
                                  .tile_size = tile_size,
                                  .width = 4,
                                  .hidden_layers = 1};
  };
  BlendshapeBodyRotator body(BlendshapeBodyOptions{options(2, flow_size, flow_size / 4, 8),
                                                   options(5, appearance_size, appearance_size / 8, 32),
                                                   options(2, 16, 16, 1)});
  const torch::NoGradGuard no_grad;
  body->flow->tiles.mul_(2);
  body->appearance->tiles.mul_(2);
  const auto fill = [](TiledBlendshape& map, double mean, double basis) {
    const TiledBlendshapeOptions& sizes = map->options();
    map->mean.copy_(mean + basis * soft_noise(1, sizes.channels, sizes.size)[0]);
    const std::int64_t images = std::int64_t{sizes.tiles} * sizes.basis_size;
    map->basis.copy_((basis * soft_noise(images, sizes.channels, sizes.tile_size)).view(map->basis.sizes()));
  };
  fill(body->motion, 0, 0.1);
  fill(body->flow, 0, 0.2);
  fill(body->appearance, 0.5, 0.4);
  return body;
}

double relative_distance(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

TEST(MovingLoss, OfThePassOverPixelsIsThatOfTheLayers) {
  torch::manual_seed(2);
  const BlendedFrames frames(some_frames(), soft_noise(1, 4, kImageSize)[0], torch::kCPU);
  const std::vector<std::int64_t> rows{2, 0, 1, 2};
  for (const auto& [flow_size, appearance_size] : {std::pair(256, 512), std::pair(64, 128)}) {
    BlendshapeBodyRotator body = some_body(flow_size, appearance_size);
    const auto weights_of = [](const TiledBlendshape& map) {
      return torch::randn({4, map->options().tiles * map->options().basis_size}).requires_grad_();
    };
    const BodyBlendWeights weights{weights_of(body->motion), weights_of(body->flow),
                                   weights_of(body->appearance)};
    const std::vector<at::Tensor> inputs{weights.motion,      weights.flow,      weights.appearance,
                                         body->motion->basis, body->flow->basis, body->appearance->basis};
    const auto expected = moving_loss_by_layers(body, weights, frames, rows, 3);
    const auto gradients = torch::autograd::grad({expected}, inputs);
    const auto loss = moving_loss(body, weights, frames, rows, 3);
    // Weighted, as within a larger loss.
    const auto own = torch::autograd::grad({2 * loss}, inputs);
    EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-5 * expected.item<double>());
    // Not to the bit: where a sample lies just on a pixel, either of its sides may give the slope.
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_LT(relative_distance(own[i], 2 * gradients[i]), 1e-2) << i;
    }
  }
}

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
