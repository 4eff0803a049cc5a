#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/unet.h"
#include "tha4/nn/teacher/half_resolution_rotator.h"

namespace tha4 {

/// The compact teacher's editor: corrects the half-resolution rotator's result at full resolution, where the
/// paper's editor (appendix A.3) makes it anew. Its U-Net works at half the resolution, four pixels of the
/// full one in the channels of each, and its outputs are added to the rotator's upsampled flow and direct
/// image, and to alpha before the sigmoid: untrained, it gives the image through the rotator's flow, at full
/// sharpness. File: residual_editor.
class ResidualEditorImpl : public torch::nn::Module {
 public:
  explicit ResidualEditorImpl(const UNetOptions& options = compact_options());

  /// \param image     [N, 4, H, W], rest images with their new faces; H and W even
  /// \param coarse    what the rotator makes of them at half the size, H/2 by W/2
  /// \param rotation  [N, 6], the rotation parameters
  RotatorOutput forward(const at::Tensor& image, const RotatorOutput& coarse, const at::Tensor& rotation);

  /// The sizes of the teacher that comes with the project.
  static UNetOptions compact_options();
  /// See UNet.
  void set_activation_checkpointing(bool on) { body_->set_activation_checkpointing(on); }

  static UNetOptions options_of(const WeightShapes& shapes);

  /// The U-Net that it is made around, for who plays it by other means.
  UNetImpl& body() { return *body_; }

 private:
  UNet body_;
};
TORCH_MODULE(ResidualEditor);

}  // namespace tha4
