#include "tha4/nn/teacher/teacher_face_morpher.h"

#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/conv_blocks.h"
#include "tha4/pose/pose.h"

namespace tha4 {

TeacherFaceMorpherImpl::TeacherFaceMorpherImpl(const EncoderDecoderOptions& options)
    : body_(4, kEyeMouthPoseSize, options), iris_mouth_flow_(flow_head(options.level_channels.front())) {
  const std::int64_t channels = options.level_channels.front();
  body_->register_blocks_in(*this);
  register_module("iris_mouth_grid_change", iris_mouth_flow_);
  iris_mouth_color_ = register_module("iris_mouth_color_change", image_head(channels));
  iris_mouth_alpha_ = register_module("iris_mouth_alpha", alpha_head(channels));
  eye_color_ = register_module("eye_color_change", image_head(channels));
  eye_alpha_ = register_module("eye_alpha", alpha_head(channels));
}

TeacherFaceMorpherOutput TeacherFaceMorpherImpl::forward(const at::Tensor& image, const at::Tensor& pose) {
  const auto feature = body_->forward(image, pose);
  const auto type = image.scalar_type();
  TeacherFaceMorpherOutput output;
  const auto results =
      apply_heads(feature, {iris_mouth_flow_, iris_mouth_color_, iris_mouth_alpha_, eye_color_, eye_alpha_});
  output.iris_mouth_flow = results[0].to(type);
  output.iris_mouth_warped = apply_flow(image, output.iris_mouth_flow);
  output.iris_mouth_color = results[1].to(type);
  output.iris_mouth_alpha = results[2].to(type);
  output.iris_mouth = blend(output.iris_mouth_alpha, output.iris_mouth_color, output.iris_mouth_warped);
  output.eye_color = results[3].to(type);
  output.eye_alpha = results[4].to(type);
  output.face = blend(output.eye_alpha, output.eye_color, output.iris_mouth.detach());
  return output;
}

EncoderDecoderOptions TeacherFaceMorpherImpl::options_of(const WeightShapes& shapes) {
  return EncoderDecoderOptions::from_shapes(shapes, "");
}

}  // namespace tha4
