#include "tha4/nn/teacher/half_resolution_rotator.h"

#include "kernels/rotated_pixels.h"
#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/pose/pose.h"

namespace tha4 {

RotatorOutput rotator_output(const at::Tensor& channels, const at::Tensor& image) {
  const auto values = channels.to(image.scalar_type());
  if (can_rotate_pixels({values, image})) return rotate_pixels(values, image);
  RotatorOutput output;
  output.direct = values.narrow(1, 0, 4);
  output.flow = values.narrow(1, 4, 2);
  output.alpha = values.narrow(1, 6, 1).sigmoid();
  output.warped = apply_flow(image, output.flow);
  output.blended = blend(output.alpha, output.direct, output.warped);
  return output;
}

void start_at_identity(UNetImpl& unet) {
  if (SkipInitialization::is_active()) return;
  constexpr double kAlphaBeforeSigmoid = -5;  // 1/149
  const torch::NoGradGuard no_grad;
  unet.last_bias(kRotatorChannels - 1).fill_(kAlphaBeforeSigmoid);
}

HalfResolutionRotatorImpl::HalfResolutionRotatorImpl(const UNetOptions& options)
    : body_(register_module("body", UNet(4, kRotatorChannels, kRotationPoseSize, options))) {
  start_at_identity(*body_);
}

RotatorOutput HalfResolutionRotatorImpl::forward(const at::Tensor& image, const at::Tensor& rotation) {
  return rotator_output(body_->forward(image, rotation), image);
}

UNetOptions HalfResolutionRotatorImpl::published_options() {
  UNetOptions options;
  options.model_channels = 64;
  options.levels = {{64}, {128}, {256}, {256}, {256, true}};
  return options;
}

UNetOptions HalfResolutionRotatorImpl::compact_options() {
  UNetOptions options;
  options.model_channels = 64;
  options.levels = {{64}, {64}, {128}, {128, true}};
  options.condition_channels = 128;
  options.fold = 2;
  return options;
}

UNetOptions HalfResolutionRotatorImpl::options_of(const WeightShapes& shapes) {
  return UNetOptions::from_shapes(shapes, "body.", 4);
}

}  // namespace tha4
