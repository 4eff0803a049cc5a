#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/convolution.h"
#include "tha4/nn/blocks/pose_encoder_decoder.h"

namespace tha4 {

/// All [N, C, 192, 192], of the type of the input image. The irises and the mouth are warped and redrawn
/// first, the eyes redrawn over that.
struct TeacherFaceMorpherOutput {
  at::Tensor face;  ///< the result: `iris_mouth` and `eye_color` blended by `eye_alpha`
  at::Tensor eye_alpha;
  at::Tensor eye_color;
  at::Tensor iris_mouth;  ///< `iris_mouth_warped` and `iris_mouth_color` blended by `iris_mouth_alpha`
  at::Tensor iris_mouth_alpha;
  at::Tensor iris_mouth_color;
  at::Tensor iris_mouth_warped;  ///< the input through `iris_mouth_flow`
  at::Tensor iris_mouth_flow;
};

/// Gives the face its eyes and its mouth (paper section 3, third network).
class TeacherFaceMorpherImpl : public torch::nn::Module {
 public:
  explicit TeacherFaceMorpherImpl(const EncoderDecoderOptions& options = {});

  /// The gradient of `face` does not go into `iris_mouth`, which is trained by a loss of its own.
  /// \param image  the teacher's face crop of rest images, eyebrows already moved, [N, 4, 192, 192]
  /// \param pose   [N, 27], the eye, iris and mouth parameters
  TeacherFaceMorpherOutput forward(const at::Tensor& image, const at::Tensor& pose);

  static EncoderDecoderOptions options_of(const WeightShapes& shapes);

  PoseEncoderDecoderImpl& body() { return *body_; }

 private:
  PoseEncoderDecoder body_;
  Convolution iris_mouth_flow_;
  torch::nn::Sequential iris_mouth_color_;
  torch::nn::Sequential iris_mouth_alpha_;
  torch::nn::Sequential eye_color_;
  torch::nn::Sequential eye_alpha_;
};
TORCH_MODULE(TeacherFaceMorpher);

}  // namespace tha4
