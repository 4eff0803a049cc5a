#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/convolution.h"
#include "tha4/nn/blocks/resize_conv_network.h"

namespace tha4 {

/// What the THA3 rotator makes of N images of H by W pixels, of the type of the images. It does not blend.
struct Tha3RotatorOutput {
  at::Tensor direct;  ///< [N, 4, H, W]
  at::Tensor warped;  ///< [N, 4, H, W], the image through `flow`
  at::Tensor flow;    ///< [N, 2, H, W]
};

/// The THA3 baseline's half-resolution rotator. Official file: two_algo_face_body_rotator.pt.
class Tha3RotatorImpl : public torch::nn::Module {
 public:
  explicit Tha3RotatorImpl(const EncoderDecoderOptions& options = {});

  /// \param image     [N, 4, 256, 256], rest images with their new faces
  /// \param rotation  [N, 6], the rotation parameters
  Tha3RotatorOutput forward(const at::Tensor& image, const at::Tensor& rotation);

  static EncoderDecoderOptions options_of(const WeightShapes& shapes);

 private:
  ResizeConvEncoderDecoder encoder_decoder_;
  torch::nn::Sequential direct_creator_;
  Convolution flow_creator_;
};
TORCH_MODULE(Tha3Rotator);

}  // namespace tha4
