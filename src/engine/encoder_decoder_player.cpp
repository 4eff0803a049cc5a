#include "encoder_decoder_player.h"

#include <utility>

#include "unet_player.h"
#include <torch/types.h>

#include "tha4/base/single_thread.h"

namespace tha4 {

EncoderDecoderPlayer::EncoderDecoderPlayer(const EncoderDecoderProgram& program,
                                           std::shared_ptr<MapPlayer> player)
    : player_(std::move(player)) {
  std::int64_t channels = program.inputs;
  const auto pack_next = [&](const NormedConvolution& layer) {
    Layer packed = pack(layer, {channels});
    channels = layer.outputs();
    return packed;
  };
  for (const NormedConvolution& layer : program.down) down_.push_back(pack_next(layer));
  bottleneck_ = pack(program.bottleneck, {channels, program.parameters});
  channels = program.bottleneck.outputs();
  for (const auto& block : program.blocks) {
    Layer first = pack_next(block.first);
    blocks_.push_back({.first = std::move(first), .second = pack_next(block.second)});
  }
  for (const NormedConvolution& layer : program.up) up_.push_back(pack_next(layer));
}

EncoderDecoderPlayer::Layer EncoderDecoderPlayer::pack(const NormedConvolution& layer,
                                                       const std::vector<std::int64_t>& sources) const {
  return {.convolution = pack_convolution(layer.weights, {}, sources, layer.kind, player_->type()),
          .norm = layer.norm};
}

LayerMap EncoderDecoderPlayer::convolve(const Layer& layer, const LayerMap& map) {
  return player_->convolve(layer.convolution, map, layer.norm.groups);
}

LayerMap EncoderDecoderPlayer::activate(const Layer& layer, const LayerMap& map) {
  return player_->settle(map, norm_lines(layer.norm, {&map}), MapActivation::relu);
}

const LayerMap& EncoderDecoderPlayer::encode(const at::Tensor& image) {
  if (encoded_ && torch::equal(encoded_->image, image)) return encoded_->map;
  LayerMap map = convolve(down_.front(), player_->read(image));
  for (std::size_t i = 1; i < down_.size(); ++i) map = convolve(down_[i], activate(down_[i - 1], map));
  encoded_ = Encoded{.image = image.clone(), .map = std::move(map)};
  return encoded_->map;
}

at::Tensor EncoderDecoderPlayer::play(const at::Tensor& image, const at::Tensor& pose) {
  const LayerMap& encoded = encode(image);
  const LayerMap parameters =
      player_->read(pose.view({-1, 1, 1}).expand({-1, encoded.view->height, encoded.view->width}));
  LayerMap map = player_->settle(encoded, norm_lines(down_.back().norm, {&encoded}), MapActivation::relu,
                                 nullptr, &parameters);
  map = activate(bottleneck_, convolve(bottleneck_, map));
  for (const Block& block : blocks_) {
    const LayerMap hidden = activate(block.first, convolve(block.first, map));
    const LayerMap results = convolve(block.second, hidden);
    map = player_->settle(results, norm_lines(block.second.norm, {&results}), MapActivation::none, &map);
  }
  for (const Layer& layer : up_) map = activate(layer, convolve(layer, map));
  // A copy in any case: the map's memory is used again.
  return MapPlayer::tensor_of(map).permute({2, 0, 1}).to(torch::kFloat, /*non_blocking=*/false,
                                                         /*copy=*/true);
}

at::Tensor EncoderDecoderPlayer::forward(const at::Tensor& image, const at::Tensor& pose) {
  const torch::NoGradGuard no_grad;
  const SingleThread single;
  const std::lock_guard lock(player_->mutex());
  std::vector<at::Tensor> results;
  for (std::int64_t i = 0; i < image.size(0); ++i) {
    // One by one, so that a pose is the same in every batch.
    const at::Tensor own = pose[pose.size(0) == 1 ? 0 : i].to(torch::kFloat).contiguous();
    results.push_back(play(image[i].to(torch::kFloat), own));
  }
  return torch::stack(results);
}

}  // namespace tha4
