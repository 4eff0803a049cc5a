#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/convolution.h"

// Building blocks of the encoder-decoder networks: He-initialised convolution without bias, instance norm
// with scale and shift, activation. The numbering of a block's layers is that of the official checkpoints.

namespace tha4 {

/// max(x, slope * x): ReLU where the slope is 0.
struct Activation {
  double slope = 0.0;
};

/// Convolution of odd size \p kernel that keeps the resolution.
torch::nn::Sequential conv_block(std::int64_t inputs, std::int64_t outputs, std::int64_t kernel = 3,
                                 Activation activation = {});

/// 4x4 convolution that halves the resolution.
torch::nn::Sequential downsample_block(std::int64_t inputs, std::int64_t outputs);

/// 4x4 transposed convolution that doubles the resolution.
torch::nn::Sequential upsample_block(std::int64_t inputs, std::int64_t outputs);

/// Doubles the resolution by repeating every pixel, then a 3x3 conv_block.
class ResizeConvBlockImpl : public torch::nn::Module {
 public:
  ResizeConvBlockImpl(std::int64_t inputs, std::int64_t outputs, Activation activation);

  at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::Sequential block_;
};
TORCH_MODULE(ResizeConvBlock);

/// x plus two 3x3 convolutions of it, with instance norm after both and an activation between.
class ResidualBlockImpl : public torch::nn::Module {
 public:
  explicit ResidualBlockImpl(std::int64_t channels, Activation activation = {});

  at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::Sequential resnet_path_;
};
TORCH_MODULE(ResidualBlock);

/// Last layers of a network, 3x3 convolutions: alpha maps in [0, 1] (\p outputs channels), RGBA images in
/// [-1, 1], and flows, which are 0 until trained.
torch::nn::Sequential alpha_head(std::int64_t inputs, std::int64_t outputs = 1);
torch::nn::Sequential image_head(std::int64_t inputs);
Convolution flow_head(std::int64_t inputs);

/// One of the three.
struct Head {
  Head(const Convolution& layer) : convolution(layer) {}
  Head(const torch::nn::Sequential& both) : convolution(both->ptr<ConvolutionImpl>(0)), layers(both.ptr()) {}

  Convolution convolution;
  std::shared_ptr<torch::nn::SequentialImpl> layers;  ///< with its activation; null: there is none
};

/// What \p heads give of the same \p feature map, in their order. Where no gradients are recorded, one
/// convolution does the work of all of theirs: each has so few outputs that reading the map is most of it.
/// \param feature  [N, inputs, H, W]
/// \return for each head [N, outputs, H, W]
std::vector<at::Tensor> apply_heads(const at::Tensor& feature, const std::vector<Head>& heads);

}  // namespace tha4
