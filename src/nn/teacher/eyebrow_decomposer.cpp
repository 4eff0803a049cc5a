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
  const auto results = apply_heads(feature, {background_layer_alpha_, background_layer_color_,
                                             eyebrow_layer_alpha_, eyebrow_layer_color_});
  output.background_layer_alpha = results[0].to(type);
  output.background_layer_color = results[1].to(type);
  output.background_layer = blend(output.background_layer_alpha, output.background_layer_color, image);
  output.eyebrow_layer_alpha = results[2].to(type);
  output.eyebrow_layer_color = results[3].to(type);
  output.eyebrow_layer = blend(output.eyebrow_layer_alpha, image, output.eyebrow_layer_color);
  return output;
}

EncoderDecoderOptions EyebrowDecomposerImpl::options_of(const WeightShapes& shapes) {
  return EncoderDecoderOptions::from_shapes(shapes, "body.");
}

}  // namespace tha4
