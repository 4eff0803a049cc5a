#include "tha4/nn/blocks/pose_encoder_decoder.h"

#include "block_list.h"
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/types.h>

#include "tha4/nn/blocks/conv_blocks.h"

namespace tha4 {

PoseEncoderDecoderImpl::PoseEncoderDecoderImpl(std::int64_t image_channels, std::int64_t pose_size,
                                               const EncoderDecoderOptions& options) {
  const auto& channels = options.level_channels;
  downsample_blocks_->push_back(conv_block(image_channels, channels.front()));
  for (std::size_t level = 1; level < channels.size(); ++level) {
    downsample_blocks_->push_back(downsample_block(channels[level - 1], channels[level]));
  }
  bottleneck_blocks_->push_back(conv_block(channels.back() + pose_size, channels.back()));
  for (std::int64_t block = 1; block < options.bottleneck_blocks; ++block) {
    bottleneck_blocks_->push_back(ResidualBlock(channels.back()));
  }
  for (std::size_t level = channels.size() - 1; level > 0; --level) {
    upsample_blocks_->push_back(upsample_block(channels[level], channels[level - 1]));
  }
  register_blocks_in(*this);
}

void PoseEncoderDecoderImpl::register_blocks_in(torch::nn::Module& owner) {
  owner.register_module("downsample_blocks", downsample_blocks_);
  owner.register_module("bottleneck_blocks", bottleneck_blocks_);
  owner.register_module("upsample_blocks", upsample_blocks_);
}

at::Tensor PoseEncoderDecoderImpl::forward(const at::Tensor& image, const at::Tensor& pose) {
  if (substitute_) return substitute_->forward(image, pose);
  const auto type = type_of_weights(downsample_blocks_);
  auto feature = image.to(type);
  for (std::size_t i = 0; i < downsample_blocks_->size(); ++i) {
    feature = apply_block<torch::nn::Sequential>(downsample_blocks_, i, feature);
  }
  if (pose.defined()) feature = torch::cat({feature, pose_planes(pose.to(type), feature)}, 1);
  feature = apply_block<torch::nn::Sequential>(bottleneck_blocks_, 0, feature);
  for (std::size_t i = 1; i < bottleneck_blocks_->size(); ++i) {
    feature = apply_block<ResidualBlock>(bottleneck_blocks_, i, feature);
  }
  for (std::size_t i = 0; i < upsample_blocks_->size(); ++i) {
    feature = apply_block<torch::nn::Sequential>(upsample_blocks_, i, feature);
  }
  return feature;
}

}  // namespace tha4
