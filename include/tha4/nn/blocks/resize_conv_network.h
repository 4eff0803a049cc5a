#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/encoder_decoder_options.h"

// Bodies of the THA3 baseline's rotator and editor ("Talking Head(?) Anime from a Single Image 3"). Their
// activation is a leaky ReLU of slope 0.1, except that the published downsampling blocks have a plain ReLU.

namespace tha4 {

inline constexpr double kTha3LeakySlope = 0.1;

/// Encoder-decoder with a 7x7 first convolution and nearest-neighbour upsampling.
class ResizeConvEncoderDecoderImpl : public torch::nn::Module {
 public:
  ResizeConvEncoderDecoderImpl(std::int64_t inputs, const EncoderDecoderOptions& options);

  /// \param x  [N, inputs, H, W], of any floating type; it is converted to that of the weights
  /// \return feature maps [N, level_channels[0], H, W]
  at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::ModuleList downsample_blocks_;
  torch::nn::ModuleList bottleneck_blocks_;
  torch::nn::ModuleList upsample_blocks_;
};
TORCH_MODULE(ResizeConvEncoderDecoder);

/// The same with a 3x3 first convolution and, at every level of the decoder, the encoder's features beside
/// its own.
class ResizeConvUNetImpl : public torch::nn::Module {
 public:
  ResizeConvUNetImpl(std::int64_t inputs, const EncoderDecoderOptions& options);

  /// As ResizeConvEncoderDecoder's.
  at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::ModuleList downsample_blocks_;
  torch::nn::ModuleList bottleneck_blocks_;
  torch::nn::ModuleList upsample_blocks_;
};
TORCH_MODULE(ResizeConvUNet);

}  // namespace tha4
