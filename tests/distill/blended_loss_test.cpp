#include "blended_loss.h"

#include "some_frames.h"
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

double relative_distance(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

/// Maps of frames in \p window; flow leads out of the picture here and there, alpha out of [0, 1].
BodyMaps some_maps(int flow_size, int appearance_size, const FrameWindow& window) {
  const auto noise = [&](int size, int channels) {
    const Region cells = sampled_cells(size, window).region;
    return torch::randn({4, cells.height, cells.width, channels});
  };
  return {.flow = (0.3 * noise(flow_size, 2)).requires_grad_(),
          .appearance = (0.5 + 0.7 * noise(appearance_size, 5)).requires_grad_(),
          .flow_size = flow_size,
          .appearance_size = appearance_size};
}

TEST(BlendedFrames, LookAtThePartThatIsDrawn) {
  torch::manual_seed(1);
  const BlendedFrames frames(some_frames(), torch::zeros({4, kImageSize, kImageSize}), torch::kCPU);
  const Region& region = frames.window().region;
  EXPECT_LE(region.x, 150);
  EXPECT_LE(region.y, 100);
  EXPECT_GE(region.x + region.width, 220);
  EXPECT_GE(region.y + region.height, 300);
  EXPECT_LT(region.width * region.height, 300 * 150);
}

TEST(BlendedLoss, OfThePassOverPixelsIsThatOfTheLayers) {
  torch::manual_seed(2);
  const BlendedFrames frames(some_frames(), torch::rand({4, kImageSize, kImageSize}) * 2 - 1, torch::kCPU);
  const std::vector<std::int64_t> rows{2, 0, 1, 2};
  for (const auto& [flow_size, appearance_size] :
       {std::pair(256, 512), std::pair(64, 128), std::pair(512, 256)}) {
    const BodyMaps maps = some_maps(flow_size, appearance_size, frames.window());
    const auto expected = blended_loss_by_layers(maps, frames, rows, 3);
    const auto gradients = torch::autograd::grad({expected}, {maps.flow, maps.appearance});
    const auto loss = blended_loss(maps, frames, rows, 3);
    // Weighted, as within a larger loss.
    const auto own = torch::autograd::grad({2 * loss}, {maps.flow, maps.appearance});
    EXPECT_NEAR(loss.item<double>(), expected.item<double>(), 1e-5 * expected.item<double>());
    // Not to the bit: where a sample lies just on a pixel, either of its sides may give the slope.
    EXPECT_LT(relative_distance(own[0], 2 * gradients[0]), 1e-2);
    EXPECT_LT(relative_distance(own[1], 2 * gradients[1]), 1e-4);
  }
}

}  // namespace
}  // namespace tha4
