#include "tha4/nn/teacher/unet_face_morpher.h"

#include <torch/types.h>

#include "tha4/pose/pose.h"

namespace tha4 {

UNetFaceMorpherImpl::UNetFaceMorpherImpl(const UNetOptions& options)
    : body_(register_module("body", UNet(4, kRotatorChannels, kFacePoseSize, options))) {
  start_at_identity(*body_);
}

RotatorOutput UNetFaceMorpherImpl::forward(const at::Tensor& image, const at::Tensor& pose) {
  return rotator_output(body_->forward(image, pose), image);
}

UNetOptions UNetFaceMorpherImpl::compact_options() {
  UNetOptions options;
  options.model_channels = 32;
  options.levels = {{32}, {64}, {128}, {128, true}};
  options.condition_channels = 128;
  return options;
}

UNetOptions UNetFaceMorpherImpl::options_of(const WeightShapes& shapes) {
  return UNetOptions::from_shapes(shapes, "body.", 4);
}

}  // namespace tha4
