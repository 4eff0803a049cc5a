#include "tha4/nn/teacher/tha3_rotator.h"

#include "blocks/block_list.h"
#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/conv_blocks.h"
#include "tha4/pose/pose.h"

namespace tha4 {

Tha3RotatorImpl::Tha3RotatorImpl(const EncoderDecoderOptions& options)
    : encoder_decoder_(
          register_module("encoder_decoder", ResizeConvEncoderDecoder(4 + kRotationPoseSize, options))),
      direct_creator_(register_module("direct_creator", image_head(options.level_channels.front()))),
      flow_creator_(register_module("grid_change_creator", flow_head(options.level_channels.front()))) {}

Tha3RotatorOutput Tha3RotatorImpl::forward(const at::Tensor& image, const at::Tensor& rotation) {
  const auto type = image.scalar_type();
  const auto input = torch::cat({image, pose_planes(rotation.to(type), image)}, 1);
  const auto feature = encoder_decoder_->forward(input);
  Tha3RotatorOutput output;
  const auto results = apply_heads(feature, {direct_creator_, flow_creator_});
  output.direct = results[0].to(type);
  output.flow = results[1].to(type);
  output.warped = apply_flow(image, output.flow);
  return output;
}

EncoderDecoderOptions Tha3RotatorImpl::options_of(const WeightShapes& shapes) {
  return EncoderDecoderOptions::from_shapes(shapes, "encoder_decoder.");
}

}  // namespace tha4
