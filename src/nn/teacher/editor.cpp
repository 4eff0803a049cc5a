#include "tha4/nn/teacher/editor.h"

#include "kernels/rotated_pixels.h"
#include <torch/types.h>

#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/pose/pose.h"

namespace tha4 {

EditorImpl::EditorImpl(const UNetOptions& options)
    : body_(register_module("body", UNet(4, kRotatorChannels, kRotationPoseSize, options))),
      coarse_image_conv_(
          register_module("coarse_image_conv",
                          Convolution(ConvolutionOptions{
                              .inputs = 10, .outputs = options.model_channels, .init = WeightInit::zero}))) {
  start_at_identity(*body_);
}

RotatorOutput EditorImpl::forward(const at::Tensor& image, const at::Tensor& coarse_posed,
                                  const at::Tensor& coarse_flow, const at::Tensor& rotation) {
  if (body_->has_substitute() && can_rotate_pixels({image, coarse_posed, coarse_flow})) {
    const auto inputs = gather_coarse(image, coarse_posed, coarse_flow, body_->scalar_type());
    return rotator_output(body_->forward(inputs, rotation), image);
  }
  const auto coarse_warped = apply_flow(image, coarse_flow);
  const auto coarse = torch::cat({coarse_posed, coarse_warped, coarse_flow}, 1).to(body_->scalar_type());
  if (body_->has_substitute())
    return rotator_output(body_->forward(torch::cat({image, coarse}, 1), rotation), image);
  return rotator_output(body_->forward(image, rotation, coarse_image_conv_->forward(coarse)), image);
}

RotatorOutput EditorImpl::rotate(const at::Tensor& image, const at::Tensor& rotation) {
  return rotator_output(body_->forward(image, rotation), image);
}

UNetOptions EditorImpl::published_options() {
  UNetOptions options;
  options.model_channels = 32;
  options.levels = {{32}, {64}, {128}, {256}, {256}, {256, true}};
  return options;
}

UNetOptions EditorImpl::options_of(const WeightShapes& shapes) {
  return UNetOptions::from_shapes(shapes, "body.", 4);
}

}  // namespace tha4
