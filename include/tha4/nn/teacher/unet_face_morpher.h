#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/unet.h"
#include "tha4/nn/teacher/half_resolution_rotator.h"

namespace tha4 {

/// Gives the face all of its expression at once: the compact teacher's one network in the place of eyebrow
/// decomposer, morphing combiner and face morpher. It is made as the rotators are (paper appendix A.1): a
/// U-Net with attention, conditioned on the face parameters, whose outputs warp the face, redraw it, and
/// blend the two. File: unet_face_morpher. Untrained it gives the image.
class UNetFaceMorpherImpl : public torch::nn::Module {
 public:
  explicit UNetFaceMorpherImpl(const UNetOptions& options = compact_options());

  /// \param image  [N, 4, 128, 128], kFaceCrop of rest images: all of a teacher's face that a student sees
  /// \param pose   [N, 39], the face parameters
  RotatorOutput forward(const at::Tensor& image, const at::Tensor& pose);

  /// See UNet.
  void set_activation_checkpointing(bool on) { body_->set_activation_checkpointing(on); }

  /// The sizes of the teacher that comes with the project.
  static UNetOptions compact_options();
  static UNetOptions options_of(const WeightShapes& shapes);

  /// The U-Net that it is made around, for who plays it by other means.
  UNetImpl& body() { return *body_; }

 private:
  UNet body_;
};
TORCH_MODULE(UNetFaceMorpher);

}  // namespace tha4
