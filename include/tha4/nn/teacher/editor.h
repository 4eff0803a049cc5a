#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/convolution.h"
#include "tha4/nn/teacher/half_resolution_rotator.h"

namespace tha4 {

/// Redraws the half-resolution rotator's result at full resolution (paper section 3 and appendix A.3).
/// Official file: upscaler.pt. Untrained it ignores the coarse inputs and gives the image.
class EditorImpl : public torch::nn::Module {
 public:
  explicit EditorImpl(const UNetOptions& options = published_options());

  /// \param image          [N, 4, 512, 512], rest images with their new faces
  /// \param coarse_posed   [N, 4, 512, 512], the rotator's blended image, upsampled
  /// \param coarse_flow    [N, 2, 512, 512], the rotator's flow, upsampled
  /// \param rotation       [N, 6], the rotation parameters
  RotatorOutput forward(const at::Tensor& image, const at::Tensor& coarse_posed,
                        const at::Tensor& coarse_flow, const at::Tensor& rotation);

  /// Without the submodule for coarse inputs: the full-resolution rotator of the first two phases of training
  /// (appendix B.2).
  RotatorOutput rotate(const at::Tensor& image, const at::Tensor& rotation);

  /// Table 8: 32 channels, multipliers 1, 2, 4, 8, 8, 8, attention at 16x16.
  static UNetOptions published_options();
  /// See UNet.
  void set_activation_checkpointing(bool on) { body_->set_activation_checkpointing(on); }

  static UNetOptions options_of(const WeightShapes& shapes);

  /// The U-Net that it is made around, for who plays it by other means: a substitute takes the image and the
  /// coarse inputs beside each other, posed image, warped image and flow, and coarse_image_conv() with it.
  UNetImpl& body() { return *body_; }
  const Convolution& coarse_image_conv() const { return coarse_image_conv_; }

 private:
  UNet body_;
  Convolution coarse_image_conv_;
};
TORCH_MODULE(Editor);

}  // namespace tha4
