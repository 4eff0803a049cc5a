#include "tha4/nn/student/siren_face_morpher.h"

#include "siren_pixels.h"
#include <torch/nn/modules/container/modulelist.h>
#include <torch/types.h>

#include "tha4/pose/pose.h"

namespace tha4 {

SirenImpl::SirenImpl(const SirenOptions& options)
    : sine_layers_(register_module("sine_layers", torch::nn::ModuleList())),
      last_linear_(register_module("last_linear", make_siren_output_layer(options.width, options.outputs))) {
  for (int i = 0; i < options.sine_layers; ++i) {
    sine_layers_->push_back(
        SineLayer(SineLayerOptions{.inputs = i == 0 ? options.pose_size + 2 : options.width,
                                   .outputs = options.width,
                                   .is_first = i == 0}));
  }
}

torch::Tensor SirenImpl::forward(const torch::Tensor& poses, const FrameWindow& window) {
  const auto evaluate = [&](std::int64_t pose, std::int64_t count, const FrameWindow& tile) {
    const SineLayer first(sine_layers_->ptr<SineLayerImpl>(0));
    auto x =
        position_and_pose_terms(first, 0, tile_positions(tile, poses.device()), poses.narrow(0, pose, count));
    x = first->activate(x);
    for (std::size_t i = 1; i < sine_layers_->size(); ++i)
      x = sine_layers_->ptr<SineLayerImpl>(i)->forward(x);
    return apply_output_layer(last_linear_, x);
  };
  return evaluate_pixels(poses, window, evaluate)
      .permute({0, 3, 1, 2})
      .to(last_linear_->scalar_type())
      .contiguous();
}

SirenOptions siren_options_of(const WeightShapes& shapes, int pose_size, int outputs) {
  const WeightShapes siren = shapes.under("siren.");
  const std::string first = "sine_layers.0.linear.weight";
  const std::string last = "last_linear.weight";
  const std::int64_t inputs = siren.size(first, 1);
  if (inputs != pose_size + 2) {
    siren.fail(first, "takes " + std::to_string(inputs - 2) + " pose parameters; expected are " +
                          std::to_string(pose_size));
  }
  if (siren.size(last, 0) != outputs) {
    siren.fail(last, "gives " + std::to_string(siren.size(last, 0)) + " channels; expected are " +
                         std::to_string(outputs));
  }
  return {.pose_size = pose_size,
          .width = static_cast<int>(siren.size(first, 0)),
          .sine_layers = static_cast<int>(siren.count("sine_layers")),
          .outputs = outputs};
}

SirenFaceMorpherImpl::SirenFaceMorpherImpl(const SirenOptions& options)
    : siren_(register_module("siren", Siren(options))) {}

SirenOptions SirenFaceMorpherImpl::options_of(const WeightShapes& shapes) {
  return siren_options_of(shapes, kFacePoseSize, SirenOptions().outputs);
}

torch::Tensor SirenFaceMorpherImpl::draw(const torch::Tensor& face_poses) {
  return siren_->forward(face_poses, FrameWindow::whole(kFaceCrop.width));
}

}  // namespace tha4
