#include "gpu_encoder_decoder_player.h"

#include <string>
#include <utility>

#include <torch/types.h>

namespace tha4 {
namespace {

std::string name_of(const std::string& list, std::size_t index) {
  return list + "." + std::to_string(index);
}

}  // namespace

bool can_play_on_gpu(const PoseEncoderDecoderImpl& network) {
  constexpr std::int64_t kStep = 16;
  const StateDict weights = state_dict_of(network);
  for (std::size_t i = 0; weights.contains(name_of("downsample_blocks", i) + ".0.weight"); ++i) {
    if (weights[name_of("downsample_blocks", i) + ".0.weight"].size(0) % kStep != 0) return false;
  }
  return true;
}

GpuEncoderDecoderPlayer::GpuEncoderDecoderPlayer(const PoseEncoderDecoderImpl& network,
                                                 std::shared_ptr<GpuConvolutions> convolutions)
    : layers_(std::move(convolutions)) {
  const torch::NoGradGuard no_grad;
  const StateDict weights = state_dict_of(network);
  const auto has = [&](const std::string& block, const std::string& part) {
    return weights.contains(block + part + ".weight");
  };
  for (std::size_t i = 0; has(name_of("downsample_blocks", i), ".0"); ++i) {
    const std::string block = name_of("downsample_blocks", i);
    down_.push_back(
        layer(weights, block + ".0", block + ".1", i == 0 ? MapWeights::plain : MapWeights::halving));
  }
  inputs_ = weights["downsample_blocks.0.0.weight"].size(1);
  const at::Tensor& bottleneck = weights["bottleneck_blocks.0.0.weight"];
  parameters_ = bottleneck.size(1) - bottleneck.size(0);
  bottleneck_ = layer(weights, "bottleneck_blocks.0.0", "bottleneck_blocks.0.1");
  for (std::size_t i = 1; has(name_of("bottleneck_blocks", i), ".resnet_path.0"); ++i) {
    const std::string path = name_of("bottleneck_blocks", i) + ".resnet_path";
    blocks_.push_back({.first = layer(weights, path + ".0", path + ".1"),
                       .second = layer(weights, path + ".3", path + ".4")});
  }
  for (std::size_t i = 0; has(name_of("upsample_blocks", i), ".0"); ++i) {
    const std::string block = name_of("upsample_blocks", i);
    up_.push_back(layer(weights, block + ".0", block + ".1", MapWeights::transposed));
  }
}

GpuEncoderDecoderPlayer::Layer GpuEncoderDecoderPlayer::layer(const StateDict& weights,
                                                              const std::string& convolution,
                                                              const std::string& norm, MapWeights kind) {
  const at::Tensor& gammas = weights[norm + ".weight"];
  sum_channels_ += gammas.size(0);
  return {.convolution = layers_.pack(weights[convolution + ".weight"], {}, kind),
          .norm = layers_.pack_norm(gammas, weights[norm + ".bias"], static_cast<int>(gammas.size(0)))};
}

GpuMap GpuEncoderDecoderPlayer::convolve(const Layer& layer, const GpuMap& map, const Layer* before) {
  if (before == nullptr) return layers_.convolve(layer.convolution, {&map}, {});
  return layers_.convolve(layer.convolution, {&map},
                          {.norm = &before->norm, .activation = kernels::MapActivation::relu});
}

at::Tensor GpuEncoderDecoderPlayer::forward(const at::Tensor& image, const at::Tensor& pose) {
  constexpr auto kNone = kernels::MapActivation::none, kRelu = kernels::MapActivation::relu;
  const torch::NoGradGuard no_grad;
  const std::lock_guard lock(mutex_);
  layers_.begin(image.size(0), sum_channels_);
  GpuMap map = convolve(down_.front(), layers_.read(image), nullptr);
  for (std::size_t i = 1; i < down_.size(); ++i) map = convolve(down_[i], map, &down_[i - 1]);
  map = convolve(bottleneck_, layers_.settle(map, down_.back().norm, kRelu, nullptr, pose), nullptr);
  map = layers_.settle(map, bottleneck_.norm, kRelu);
  for (const Block& block : blocks_) {
    const GpuMap hidden = convolve(block.second, convolve(block.first, map, nullptr), &block.first);
    map = layers_.settle(hidden, block.second.norm, kNone, &map);
  }
  for (std::size_t i = 0; i < up_.size(); ++i) map = convolve(up_[i], map, i == 0 ? nullptr : &up_[i - 1]);
  map = layers_.settle(map, up_.back().norm, kRelu);
  layers_.end();
  return map.values.permute({0, 3, 1, 2});
}

}  // namespace tha4
