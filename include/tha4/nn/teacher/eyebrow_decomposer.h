#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/pose_encoder_decoder.h"

namespace tha4 {

/// All [N, C, 128, 128], of the type of the input image. A layer blends the input image and generated colours
/// by its alpha map, which is the fraction of the input in the eyebrow layer and of the colours in the
/// background.
struct EyebrowDecomposerOutput {
  at::Tensor eyebrow_layer;
  at::Tensor eyebrow_layer_alpha;
  at::Tensor eyebrow_layer_color;
  at::Tensor background_layer;
  at::Tensor background_layer_alpha;
  at::Tensor background_layer_color;
};

/// Separates the eyebrows from the face behind them (paper section 3, first network).
class EyebrowDecomposerImpl : public torch::nn::Module {
 public:
  explicit EyebrowDecomposerImpl(const EncoderDecoderOptions& options = {});

  /// \param image  the eyebrow crop of rest images, [N, 4, 128, 128]
  EyebrowDecomposerOutput forward(const at::Tensor& image);

  static EncoderDecoderOptions options_of(const WeightShapes& shapes);

 private:
  PoseEncoderDecoder body_;
  torch::nn::Sequential background_layer_alpha_;
  torch::nn::Sequential background_layer_color_;
  torch::nn::Sequential eyebrow_layer_alpha_;
  torch::nn::Sequential eyebrow_layer_color_;
};
TORCH_MODULE(EyebrowDecomposer);

}  // namespace tha4
