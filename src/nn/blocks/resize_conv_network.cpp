#include "tha4/nn/blocks/resize_conv_network.h"

#include "block_list.h"
#include "kernels/resampling.h"
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/types.h>

#include "tha4/nn/blocks/conv_blocks.h"

namespace tha4 {
namespace {

constexpr Activation kLeaky{kTha3LeakySlope};

torch::nn::ModuleList encoder(std::int64_t inputs, std::int64_t first_kernel,
                              const std::vector<std::int64_t>& channels) {
  torch::nn::ModuleList blocks(conv_block(inputs, channels.front(), first_kernel, kLeaky));
  for (std::size_t level = 1; level < channels.size(); ++level) {
    blocks->push_back(downsample_block(channels[level - 1], channels[level]));
  }
  return blocks;
}

torch::nn::ModuleList bottleneck(const EncoderDecoderOptions& options) {
  torch::nn::ModuleList blocks;
  for (std::int64_t block = 0; block < options.bottleneck_blocks; ++block) {
    blocks->push_back(ResidualBlock(options.level_channels.back(), kLeaky));
  }
  return blocks;
}

at::Tensor apply_bottleneck(torch::nn::ModuleList& blocks, at::Tensor feature) {
  for (std::size_t i = 0; i < blocks->size(); ++i) feature = apply_block<ResidualBlock>(blocks, i, feature);
  return feature;
}

}  // namespace

ResizeConvEncoderDecoderImpl::ResizeConvEncoderDecoderImpl(std::int64_t inputs,
                                                           const EncoderDecoderOptions& options)
    : downsample_blocks_(register_module("downsample_blocks", encoder(inputs, 7, options.level_channels))),
      bottleneck_blocks_(register_module("bottleneck_blocks", bottleneck(options))),
      upsample_blocks_(register_module("upsample_blocks", torch::nn::ModuleList())) {
  const auto& channels = options.level_channels;
  for (std::size_t level = channels.size() - 1; level > 0; --level) {
    upsample_blocks_->push_back(ResizeConvBlock(channels[level], channels[level - 1], kLeaky));
  }
}

at::Tensor ResizeConvEncoderDecoderImpl::forward(const at::Tensor& x) {
  auto feature = x.to(type_of_weights(downsample_blocks_));
  for (std::size_t i = 0; i < downsample_blocks_->size(); ++i) {
    feature = apply_block<torch::nn::Sequential>(downsample_blocks_, i, feature);
  }
  feature = apply_bottleneck(bottleneck_blocks_, feature);
  for (std::size_t i = 0; i < upsample_blocks_->size(); ++i) {
    feature = apply_block<ResizeConvBlock>(upsample_blocks_, i, feature);
  }
  return feature;
}

ResizeConvUNetImpl::ResizeConvUNetImpl(std::int64_t inputs, const EncoderDecoderOptions& options)
    : downsample_blocks_(register_module("downsample_blocks", encoder(inputs, 3, options.level_channels))),
      bottleneck_blocks_(register_module("bottleneck_blocks", bottleneck(options))),
      upsample_blocks_(register_module("upsample_blocks", torch::nn::ModuleList())) {
  const auto& channels = options.level_channels;
  for (std::size_t level = channels.size() - 1; level > 0; --level) {
    upsample_blocks_->push_back(
        conv_block(channels[level] + channels[level - 1], channels[level - 1], 3, kLeaky));
  }
}

at::Tensor ResizeConvUNetImpl::forward(const at::Tensor& x) {
  auto feature = x.to(type_of_weights(downsample_blocks_));
  std::vector<at::Tensor> encoded;
  for (std::size_t i = 0; i < downsample_blocks_->size(); ++i) {
    feature = apply_block<torch::nn::Sequential>(downsample_blocks_, i, feature);
    encoded.push_back(feature);
  }
  feature = apply_bottleneck(bottleneck_blocks_, feature);
  for (std::size_t i = 0; i < upsample_blocks_->size(); ++i) {
    encoded.pop_back();
    feature = torch::cat({double_resolution(feature), encoded.back()}, 1);
    feature = apply_block<torch::nn::Sequential>(upsample_blocks_, i, feature);
  }
  return feature;
}

}  // namespace tha4
