#include "tha4/nn/teacher/tha3_editor.h"

#include "blocks/block_list.h"
#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/conv_blocks.h"
#include "tha4/pose/pose.h"

namespace tha4 {

Tha3EditorImpl::Tha3EditorImpl(const EncoderDecoderOptions& options)
    : body_(register_module("body", ResizeConvUNet(4 + 4 + 2 + kRotationPoseSize, options))),
      direct_creator_(register_module("color_change_creator", image_head(options.level_channels.front()))),
      alpha_creator_(register_module("alpha_creator", alpha_head(options.level_channels.front(), 4))),
      flow_creator_(register_module("grid_change_creator", flow_head(options.level_channels.front()))) {}

RotatorOutput Tha3EditorImpl::forward(const at::Tensor& image, const at::Tensor& coarse_warped,
                                      const at::Tensor& coarse_flow, const at::Tensor& rotation) {
  const auto type = image.scalar_type();
  const auto planes = pose_planes(rotation.to(type), image);
  const auto feature = body_->forward(torch::cat({image, coarse_warped, coarse_flow, planes}, 1));
  RotatorOutput output;
  const auto results = apply_heads(feature, {direct_creator_, alpha_creator_, flow_creator_});
  output.direct = results[0].to(type);
  output.alpha = results[1].to(type);
  output.flow = coarse_flow + results[2].to(type);
  output.warped = apply_flow(image, output.flow);
  output.blended = blend(output.alpha, output.direct, output.warped);
  return output;
}

EncoderDecoderOptions Tha3EditorImpl::published_options() {
  EncoderDecoderOptions options;
  options.level_channels = {32, 64, 128, 256};
  return options;
}

EncoderDecoderOptions Tha3EditorImpl::options_of(const WeightShapes& shapes) {
  return EncoderDecoderOptions::from_shapes(shapes, "body.");
}

}  // namespace tha4
