#include "tha4/nn/teacher/eyebrow_decomposer.h"

#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/conv_blocks.h"

namespace tha4 {

EyebrowDecomposerImpl::EyebrowDecomposerImpl(const EncoderDecoderOptions& options)
    : body_(register_module("body", PoseEncoderDecoder(4, 0, options))) {
  const std::int64_t channels = options.level_channels.front();
  background_layer_alpha_ = register_module("background_layer_alpha", alpha_head(channels));
  background_layer_color_ = register_module("background_layer_color_change", image_head(channels));
  eyebrow_layer_alpha_ = register_module("eyebrow_layer_alpha", alpha_head(channels));
  eyebrow_layer_color_ = register_module("eyebrow_layer_color_change", image_head(channels));
}

EyebrowDecomposerOutput EyebrowDecomposerImpl::forward(const at::Tensor& image) {
  const auto feature = body_->forward(image);
  const auto type = image.scalar_type();
  EyebrowDecomposerOutput output;
  output.background_layer_alpha = background_layer_alpha_->forward(feature).to(type);
  output.background_layer_color = background_layer_color_->forward(feature).to(type);
  output.background_layer = blend(output.background_layer_alpha, output.background_layer_color, image);
  output.eyebrow_layer_alpha = eyebrow_layer_alpha_->forward(feature).to(type);
  output.eyebrow_layer_color = eyebrow_layer_color_->forward(feature).to(type);
  output.eyebrow_layer = blend(output.eyebrow_layer_alpha, image, output.eyebrow_layer_color);
  return output;
}

EncoderDecoderOptions EyebrowDecomposerImpl::options_of(const WeightShapes& shapes) {
  return EncoderDecoderOptions::from_shapes(shapes, "body.");
}

}  // namespace tha4
