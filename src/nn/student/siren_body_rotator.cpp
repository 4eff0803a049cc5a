#include "tha4/nn/student/siren_body_rotator.h"

#include "siren_pixels.h"
#include <torch/nn/modules/container/modulelist.h>
#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr int kOutputs = 2 + 1 + 4;  // flow, alpha, direct

}  // namespace

SirenBodyRotatorImpl::SirenBodyRotatorImpl(const SirenBodyRotatorOptions& options)
    : options_(options),
      siren_layers_(register_module("siren_layers", torch::nn::ModuleList())),
      last_linear_(
          register_module("last_linear", make_siren_output_layer(options.levels.back().width, kOutputs))) {
  for (std::size_t level = 0; level < options.levels.size(); ++level) {
    const int width = options.levels[level].width;
    const int next_width = level + 1 < options.levels.size() ? options.levels[level + 1].width : width;
    torch::nn::ModuleList layers;
    for (int i = 0; i < options.sine_layers; ++i) {
      const int features = level == 0 ? 0 : width;
      layers->push_back(
          SineLayer(SineLayerOptions{.inputs = i == 0 ? features + 2 + kPoseSize : width,
                                     .outputs = i + 1 < options.sine_layers ? width : next_width,
                                     .is_first = level == 0 && i == 0}));
    }
    siren_layers_->push_back(layers);
  }
}

SineLayer SirenBodyRotatorImpl::layer(std::size_t level, int index) const {
  const auto layers = siren_layers_->ptr<torch::nn::ModuleListImpl>(level);
  return SineLayer(layers->ptr<SineLayerImpl>(static_cast<std::size_t>(index)));
}

torch::Tensor SirenBodyRotatorImpl::draw_level(std::size_t level, const torch::Tensor& poses,
                                               const FrameWindow& window) {
  const bool is_last = level + 1 == options_.levels.size();
  const std::int64_t features = level == 0 ? 0 : options_.levels[level].width;
  torch::Tensor below;
  FrameWindow cells;
  if (level > 0) {
    cells = sampled_cells(options_.levels[level - 1].size, window);
    below = draw_level(level - 1, poses, cells);
  }
  const auto evaluate = [&](std::int64_t pose, std::int64_t count, const FrameWindow& tile) {
    const SineLayer first = layer(level, 0);
    auto x = position_and_pose_terms(first, features, tile_positions(tile, poses.device()),
                                     poses.narrow(0, pose, count));
    if (level > 0) {
      x = x + fill_tile(sample_map(below.narrow(0, pose, count), cells, tile).flatten(1, 2));
    }
    x = first->activate(x);
    for (int i = 1; i < options_.sine_layers; ++i) x = layer(level, i)->forward(x);
    if (is_last) return apply_output_layer(last_linear_, x);
    // The next level's first layer and bilinear sampling commute, and the layer costs less on the coarser
    // map.
    const torch::Tensor weight = layer(level + 1, 0)->weight().narrow(1, 0, options_.levels[level + 1].width);
    return torch::matmul(x, weight.to(x.scalar_type()).t());
  };
  return evaluate_pixels(poses, window, evaluate);
}

RotatorOutput SirenBodyRotatorImpl::rotate(const torch::Tensor& image, const torch::Tensor& poses,
                                           const FrameWindow& window) {
  const auto outputs = draw_level(options_.levels.size() - 1, poses, window)
                           .permute({0, 3, 1, 2})
                           .to(image.dtype())
                           .contiguous();
  RotatorOutput body;
  body.flow = outputs.narrow(1, 0, 2);
  body.alpha = outputs.narrow(1, 2, 1);
  body.direct = outputs.narrow(1, 3, 4);
  body.warped = warp(image, body.flow, window);
  body.blended = torch::lerp(body.warped, body.direct, body.alpha);
  return body;
}

int siren_level_size(SirenResolution resolution, std::size_t level, std::size_t levels) {
  return resolution == SirenResolution::single ? kImageSize : kImageSize >> (levels - 1 - level);
}

SirenBodyRotatorOptions siren_body_options_of(const WeightShapes& shapes, SirenResolution resolution) {
  constexpr std::int64_t kPosePixel = 2 + kPoseSize;  // inputs of every level besides features
  const auto key = [](std::size_t level) {
    return "siren_layers." + std::to_string(level) + ".0.linear.weight";
  };
  SirenBodyRotatorOptions options;
  options.levels = {{.size = 0, .width = static_cast<int>(shapes.size(key(0), 0))}};
  options.sine_layers = static_cast<int>(shapes.count("siren_layers.0"));
  const auto levels = static_cast<std::size_t>(shapes.count("siren_layers", kMaxSirenLevels));
  for (std::size_t level = 1; level < levels; ++level) {
    // The inputs tell the width of such a level: its only layer may have the outputs of the next level.
    const std::int64_t width = shapes.size(key(level), 1, kMaxWidth + kPosePixel) - kPosePixel;
    if (width < 1) {
      const bool is_transposed = shapes.size(key(level), 0, kMaxWidth + kPosePixel) > kPosePixel;
      shapes.fail(key(level), "takes " + std::to_string(width + kPosePixel) +
                                  " inputs, and no features of the level before beside the " +
                                  std::to_string(kPosePixel) + " of pixel and pose" +
                                  (is_transposed ? "; is it transposed?" : ""));
    }
    options.levels.push_back({.size = 0, .width = static_cast<int>(width)});
  }
  for (std::size_t level = 0; level < levels; ++level) {
    options.levels[level].size = siren_level_size(resolution, level, levels);
  }
  return options;
}

VanillaSirenBodyRotatorImpl::VanillaSirenBodyRotatorImpl(const SirenOptions& options)
    : siren_(register_module("siren", Siren(options))) {}

SirenOptions VanillaSirenBodyRotatorImpl::options_of(const WeightShapes& shapes) {
  return siren_options_of(shapes, kPoseSize, SirenOptions().outputs);
}

RotatorOutput VanillaSirenBodyRotatorImpl::rotate(const torch::Tensor& image, const torch::Tensor& poses,
                                                  const FrameWindow& window) {
  RotatorOutput body;
  body.direct = siren_->forward(poses, window).to(image.dtype());
  body.blended = body.direct;
  body.alpha = torch::ones_like(body.direct.narrow(1, 0, 1));
  body.flow = torch::zeros_like(body.direct.narrow(1, 0, 2));
  body.warped = warp(image, body.flow, window);
  return body;
}

}  // namespace tha4
