#include "tha4/nn/siren_face_morpher.h"

#include "siren_pixels.h"
#include <torch/nn/modules/container/modulelist.h>
#include <torch/types.h>

#include "tha4/base/error.h"

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
        position_and_pose_share(first, 0, tile_positions(tile, poses.device()), poses.narrow(0, pose, count));
    x = first->activate(x);
    for (std::size_t i = 1; i < sine_layers_->size(); ++i)
      x = sine_layers_->ptr<SineLayerImpl>(i)->forward(x);
    return apply_output_layer(last_linear_, x);
  };
  return evaluate_pixels(poses, window, evaluate).permute({0, 3, 1, 2}).contiguous();
}

SirenOptions siren_options_of(const StateDict& state, const std::string& prefix, const std::string& source) {
  const auto matrix = [&](const std::string& key) {
    const torch::Tensor* weight = state.find(prefix + key);
    if (weight == nullptr)
      throw InputError(source + ": the key " + prefix + key + " is missing; this is no SIREN");
    if (weight->dim() != 4 || weight->size(0) < 1 || weight->size(1) < 3) {
      throw InputError(source + ": " + prefix + key +
                       " is not the weight of a 1x1 convolution, [outputs, inputs, 1, 1]");
    }
    return *weight;
  };
  const auto first = matrix("sine_layers.0.linear.weight");
  SirenOptions options;
  options.pose_size = static_cast<int>(first.size(1)) - 2;
  options.width = static_cast<int>(first.size(0));
  options.sine_layers = 1;
  while (state.contains(prefix + "sine_layers." + std::to_string(options.sine_layers) + ".linear.weight")) {
    ++options.sine_layers;
  }
  options.outputs = static_cast<int>(matrix("last_linear.weight").size(0));
  return options;
}

SirenFaceMorpherImpl::SirenFaceMorpherImpl(const SirenOptions& options)
    : siren_(register_module("siren", Siren(options))) {}

torch::Tensor SirenFaceMorpherImpl::draw(const torch::Tensor& face_poses) {
  return siren_->forward(face_poses, FrameWindow::whole(kFaceCrop.width));
}

}  // namespace tha4
