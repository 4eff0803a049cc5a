#include "gpu_encoder_decoder_player.h"

#include <algorithm>
#include <utility>

#include <torch/types.h>

namespace tha4 {
namespace {

at::Tensor tensor_of_floats(const std::vector<float>& values) {
  return torch::tensor(at::ArrayRef<float>(values));
}

}  // namespace

bool can_play_on_gpu(const EncoderDecoderProgram& program) {
  constexpr int kStep = 16;
  return std::all_of(program.down.begin(), program.down.end(),
                     [](const NormedConvolution& layer) { return layer.outputs() % kStep == 0; });
}

GpuEncoderDecoderPlayer::GpuEncoderDecoderPlayer(const EncoderDecoderProgram& program,
                                                 std::shared_ptr<GpuConvolutions> convolutions)
    : layers_(std::move(convolutions)), inputs_(program.inputs), parameters_(program.parameters) {
  const torch::NoGradGuard no_grad;
  for (const NormedConvolution& layer : program.down) down_.push_back(pack(layer));
  bottleneck_ = pack(program.bottleneck);
  for (const auto& block : program.blocks) {
    Layer first = pack(block.first);
    blocks_.push_back({.first = std::move(first), .second = pack(block.second)});
  }
  for (const NormedConvolution& layer : program.up) up_.push_back(pack(layer));
}

GpuEncoderDecoderPlayer::Layer GpuEncoderDecoderPlayer::pack(const NormedConvolution& layer) {
  sum_channels_ += layer.outputs();
  return {.convolution = layers_.pack(layer.weights, {}, layer.kind),
          .norm = layers_.pack_norm(tensor_of_floats(layer.norm.gammas), tensor_of_floats(layer.norm.betas),
                                    layer.norm.groups)};
}

GpuMap GpuEncoderDecoderPlayer::convolve(const Layer& layer, const GpuMap& map, const Layer* before) {
  if (before == nullptr) return layers_.convolve(layer.convolution, {&map}, {});
  return layers_.convolve(layer.convolution, {&map},
                          {.norm = &before->norm, .activation = kernels::MapActivation::relu});
}

GpuMap GpuEncoderDecoderPlayer::play(const GpuMap& input, const at::Tensor& pose) {
  constexpr auto kNone = kernels::MapActivation::none, kRelu = kernels::MapActivation::relu;
  GpuMap map = convolve(down_.front(), input, nullptr);
  for (std::size_t i = 1; i < down_.size(); ++i) map = convolve(down_[i], map, &down_[i - 1]);
  map = convolve(bottleneck_, layers_.settle(map, down_.back().norm, kRelu, nullptr, pose), nullptr);
  map = layers_.settle(map, bottleneck_.norm, kRelu);
  for (const Block& block : blocks_) {
    const GpuMap hidden = convolve(block.second, convolve(block.first, map, nullptr), &block.first);
    map = layers_.settle(hidden, block.second.norm, kNone, &map);
  }
  for (std::size_t i = 0; i < up_.size(); ++i) map = convolve(up_[i], map, i == 0 ? nullptr : &up_[i - 1]);
  return layers_.settle(map, up_.back().norm, kRelu);
}

at::Tensor GpuEncoderDecoderPlayer::forward(const at::Tensor& image, const at::Tensor& pose) {
  const torch::NoGradGuard no_grad;
  const std::lock_guard lock(mutex_);
  layers_.begin(image.size(0), sum_channels_);
  const GpuMap input = layers_.read(image);
  layers_.compile(input, [&] { play(input, pose); });
  const GpuMap map = play(input, pose);
  layers_.end();
  return map.values.permute({0, 3, 1, 2});
}

}  // namespace tha4
