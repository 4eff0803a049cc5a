#include "body_tuner.h"

#include <vector>

#include "some_frames.h"
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

constexpr double kSquaredWeight = 3;

/// Soft noise: where it is rough, its slope jumps at every cell, and it takes rounding alone to be on the
/// other side.
/// \return [count, channels, size, size]
at::Tensor soft_noise(std::int64_t count, int channels, int size) {
  return interpolate(torch::randn({count, channels, 3, 3}), size);
}

/// Frames whose faces are soft, too.
BlendedFrames soft_frames() {
  TeacherFrames frames = some_frames();
  frames.faces = soft_noise(3, 4, kFaceCrop.width).clamp(-1, 1).to(torch::kHalf);
  return {frames, soft_noise(1, 4, kImageSize)[0], torch::kCPU};
}

struct Sizes {
  int flow, appearance;
  bool has_motion;
};

/// A body whose maps lead out of the picture here and there, alpha out of [0, 1]; half of their tiles have
/// bases.
BlendshapeBodyRotator some_body(const Sizes& of) {
  const auto options = [](int channels, int size, int tile_size, int tiles) {
    return TiledBlendshapeOptions{.channels = channels,
                                  .tiles = tiles,
                                  .basis_size = 3,
                                  .size = size,
                                  .tile_size = tile_size,
                                  .width = 4,
                                  .hidden_layers = 1};
  };
  BlendshapeBodyOptions maps{options(2, of.flow, of.flow / 8, 32),
                             options(5, of.appearance, of.appearance / 8, 32)};
  if (of.has_motion) maps.motion = options(2, 16, 16, 1);
  BlendshapeBodyRotator body(maps);
  const torch::NoGradGuard no_grad;
  body->flow->tiles.mul_(2);
  body->appearance->tiles.mul_(2);
  const auto fill = [](TiledBlendshape& map, double mean, double basis) {
    const TiledBlendshapeOptions& sizes = map->options();
    map->mean.copy_(mean + basis * soft_noise(1, sizes.channels, sizes.size)[0]);
    const std::int64_t images = std::int64_t{sizes.tiles} * sizes.basis_size;
    map->basis.copy_((basis * soft_noise(images, sizes.channels, sizes.tile_size)).view(map->basis.sizes()));
  };
  if (body->motion) fill(body->motion, 0, 0.1);
  fill(body->flow, 0, 0.2);
  fill(body->appearance, 0.5, 0.4);
  return body;
}

std::vector<TiledBlendshape> maps_of(const BlendshapeBodyRotator& body) {
  std::vector<TiledBlendshape> maps{body->flow, body->appearance};
  if (body->motion) maps.push_back(body->motion);
  return maps;
}

Adam adam_of(const BlendshapeBodyRotator& body) {
  Adam::Group bases;
  for (const TiledBlendshape& map : maps_of(body)) bases.push_back(map->basis);
  return {bases, {.beta1 = 0.9, .beta2 = 0.99, .weight_decay = 0.01}};
}

at::Tensor loss_by_layers(BlendshapeBodyRotator& body, const BodyBlendWeights& weights,
                          const BlendedFrames& frames, const std::vector<std::int64_t>& rows) {
  if (body->motion) return moving_loss_by_layers(body, weights, frames, rows, kSquaredWeight);
  const auto drawn = [&](TiledBlendshape& map, const at::Tensor& of_map) {
    return map->draw(of_map, sampled_cells(map->options().size, frames.window()));
  };
  return blended_loss_by_layers({.flow = drawn(body->flow, weights.flow),
                                 .appearance = drawn(body->appearance, weights.appearance),
                                 .flow_size = body->flow->options().size,
                                 .appearance_size = body->appearance->options().size},
                                frames, rows, kSquaredWeight);
}

double relative_distance(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

class BodyTuning : public testing::TestWithParam<Sizes> {};

INSTANTIATE_TEST_SUITE_P(Sizes, BodyTuning,
                         testing::Values(Sizes{256, 512, true}, Sizes{64, 128, true}, Sizes{256, 512, false},
                                         Sizes{64, 128, false}, Sizes{512, 256, false}));

TEST_P(BodyTuning, GivesLossAndGradientsOfTheLayers) {
  torch::manual_seed(2);
  const BlendedFrames frames = soft_frames();
  // More than are computed at once, and no multiple of it.
  const std::vector<std::int64_t> rows{2, 0, 1, 2, 1};
  BlendshapeBodyRotator body = some_body(GetParam());
  const auto weights_of = [&](const TiledBlendshape& map) {
    return torch::randn({5, map->options().tiles * map->options().basis_size}).requires_grad_();
  };
  BodyBlendWeights weights{{}, weights_of(body->flow), weights_of(body->appearance)};
  std::vector<at::Tensor> inputs{weights.flow, weights.appearance, body->flow->basis,
                                 body->appearance->basis};
  if (body->motion) {
    weights.motion = weights_of(body->motion);
    inputs.insert(inputs.end(), {weights.motion, body->motion->basis});
  }
  const auto expected = loss_by_layers(body, weights, frames, rows);
  const auto gradients = torch::autograd::grad({expected}, inputs);

  Adam adam = adam_of(body);
  BodyTuner tuner(body, frames, 8, 2);
  const TunedBody tuned = tuner.step(weights, rows, {kSquaredWeight}, adam, 0);
  EXPECT_NEAR(tuned.loss, expected.item<double>(), 1e-5 * expected.item<double>());
  // What Adam keeps of a first gradient.
  const auto of_basis = [&](const TiledBlendshape& map) { return adam.moments_of(map->basis).exp_avg / 0.1; };
  std::vector<at::Tensor> own{tuned.gradients.flow, tuned.gradients.appearance, of_basis(body->flow),
                              of_basis(body->appearance)};
  if (body->motion) own.insert(own.end(), {tuned.gradients.motion, of_basis(body->motion)});
  // Not to the bit: where a sample lies just on a pixel, either of its sides may give the slope.
  for (std::size_t i = 0; i < own.size(); ++i) EXPECT_LT(relative_distance(own[i], gradients[i]), 1e-2) << i;
}

TEST(BodyTuner, LooksAtAllRowsInTurn) {
  torch::manual_seed(4);
  const BlendedFrames frames = soft_frames();
  BlendshapeBodyRotator body = some_body({64, 128, true});
  const auto weights_of = [&](const TiledBlendshape& map) {
    return torch::randn({2, map->options().tiles * map->options().basis_size});
  };
  const BodyBlendWeights weights{weights_of(body->motion), weights_of(body->flow),
                                 weights_of(body->appearance)};
  BodyTuner tuner(body, frames, 2, 2);
  const auto loss_and_gradient = [&](const TunedPixels& pixels) {
    Adam adam = adam_of(body);
    const TunedBody tuned = tuner.step(weights, {1, 2}, pixels, adam, 0);
    return std::pair(tuned.loss, tuned.gradients.appearance.clone());
  };
  const auto whole = loss_and_gradient({kSquaredWeight});
  double loss = 0;
  at::Tensor gradient = torch::zeros_like(whole.second);
  for (int first = 7; first < 10; ++first) {
    const auto part = loss_and_gradient({kSquaredWeight, 3, first});
    loss += part.first / 3;
    gradient += part.second / 3;
  }
  EXPECT_NEAR(loss, whole.first, 1e-5 * whole.first);
  EXPECT_LT(relative_distance(gradient, whole.second), 1e-4);
}

TEST(BodyTuner, StepsBasesAsAdamDoes) {
  torch::manual_seed(3);
  const BlendedFrames frames = soft_frames();
  BlendshapeBodyRotator body = some_body({64, 128, true}), twin = some_body({64, 128, true});
  Adam adam = adam_of(body), adam_of_twin = adam_of(twin);
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < 3; ++i) maps_of(twin)[i]->basis.copy_(maps_of(body)[i]->basis);
  BodyTuner tuner(body, frames, 2, 2);
  for (int step = 0; step < 3; ++step) {
    const auto weights_of = [&](const TiledBlendshape& map) {
      return torch::randn({2, map->options().tiles * map->options().basis_size});
    };
    const BodyBlendWeights weights{weights_of(body->motion), weights_of(body->flow),
                                   weights_of(body->appearance)};
    std::vector<at::Tensor> before;
    for (std::size_t i = 0; i < 3; ++i)
      before.push_back(adam.moments_of(maps_of(body)[i]->basis).exp_avg.clone());
    tuner.step(weights, {0, 1}, {kSquaredWeight}, adam, 1e-3);
    // The gradients that it saw, for the operation of LibTorch.
    for (std::size_t i = 0; i < 3; ++i) {
      const auto after = adam.moments_of(maps_of(body)[i]->basis).exp_avg;
      maps_of(twin)[i]->basis.mutable_grad() = (after - 0.9 * before[i]) / 0.1;
    }
    adam_of_twin.step(1e-3);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_LT((maps_of(body)[i]->basis - maps_of(twin)[i]->basis).abs().max().item<double>(), 1e-4) << i;
  }
}

TEST(Adam, HasMomentsOfItsParametersAlone) {
  const auto own = torch::zeros({3});
  const Adam adam(Adam::Group{own}, {});
  EXPECT_EQ(adam.moments_of(own).exp_avg.sizes(), own.sizes());
  EXPECT_THROW(adam.moments_of(torch::zeros({3})), Error);
}

}  // namespace
}  // namespace tha4
