#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/convolution.h"
#include "tha4/nn/blocks/resize_conv_network.h"
#include "tha4/nn/teacher/half_resolution_rotator.h"

namespace tha4 {

/// The THA3 baseline's editor. Official file: editor.pt. Its flow is a correction to the coarse flow.
class Tha3EditorImpl : public torch::nn::Module {
 public:
  explicit Tha3EditorImpl(const EncoderDecoderOptions& options = published_options());

  /// \param image          [N, 4, 512, 512], rest images with their new faces
  /// \param coarse_warped  [N, 4, 512, 512], the rotator's warped image, upsampled
  /// \param coarse_flow    [N, 2, 512, 512], the rotator's flow, upsampled
  /// \param rotation       [N, 6], the rotation parameters
  RotatorOutput forward(const at::Tensor& image, const at::Tensor& coarse_warped,
                        const at::Tensor& coarse_flow, const at::Tensor& rotation);

  static EncoderDecoderOptions published_options();
  static EncoderDecoderOptions options_of(const WeightShapes& shapes);

 private:
  ResizeConvUNet body_;
  torch::nn::Sequential direct_creator_;
  torch::nn::Sequential alpha_creator_;
  Convolution flow_creator_;
};
TORCH_MODULE(Tha3Editor);

}  // namespace tha4
