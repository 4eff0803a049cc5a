#include "tha4/nn/teacher/eyebrow_morphing_combiner.h"

#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/conv_blocks.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

/// Blends the colours of \p layer into \p background, whose alpha channel stays.
at::Tensor blend_colors(const at::Tensor& alpha, const at::Tensor& layer, const at::Tensor& background) {
  const auto color = blend(alpha, layer.narrow(1, 0, 3), background.narrow(1, 0, 3));
  return torch::cat({color, background.narrow(1, 3, 1)}, 1);
}

}  // namespace

EyebrowMorphingCombinerImpl::EyebrowMorphingCombinerImpl(const EncoderDecoderOptions& options)
    : body_(register_module("body", PoseEncoderDecoder(8, kEyebrowPoseSize, options))),
      morphed_layer_flow_(
          register_module("morphed_eyebrow_layer_grid_change", flow_head(options.level_channels.front()))) {
  const std::int64_t channels = options.level_channels.front();
  morphed_layer_alpha_ = register_module("morphed_eyebrow_layer_alpha", alpha_head(channels));
  morphed_layer_color_ = register_module("morphed_eyebrow_layer_color_change", image_head(channels));
  combine_alpha_ = register_module("combine_alpha", alpha_head(channels));
}

EyebrowMorphingCombinerOutput EyebrowMorphingCombinerImpl::forward(const at::Tensor& background_layer,
                                                                   const at::Tensor& eyebrow_layer,
                                                                   const at::Tensor& pose) {
  const auto feature = body_->forward(torch::cat({background_layer, eyebrow_layer}, 1), pose);
  const auto type = eyebrow_layer.scalar_type();
  EyebrowMorphingCombinerOutput output;
  const auto results =
      apply_heads(feature, {morphed_layer_flow_, morphed_layer_alpha_, morphed_layer_color_, combine_alpha_});
  output.flow = results[0].to(type);
  output.warped_layer = apply_flow(eyebrow_layer, output.flow);
  output.morphed_layer_alpha = results[1].to(type);
  output.morphed_layer_color = results[2].to(type);
  output.morphed_layer = blend(output.morphed_layer_alpha, output.morphed_layer_color, output.warped_layer);
  output.combine_alpha = results[3].to(type);
  output.combined_by_combine_alpha =
      blend_colors(output.combine_alpha, output.morphed_layer, background_layer);
  const auto own_alpha = (output.morphed_layer.narrow(1, 3, 1) + 1) / 2;
  output.combined = blend_colors(own_alpha, output.morphed_layer, background_layer);
  return output;
}

EncoderDecoderOptions EyebrowMorphingCombinerImpl::options_of(const WeightShapes& shapes) {
  return EncoderDecoderOptions::from_shapes(shapes, "body.");
}

}  // namespace tha4
