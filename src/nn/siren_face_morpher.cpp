#include "tha4/nn/siren_face_morpher.h"

#include <torch/torch.h>

#include "siren_pixels.h"
#include "tha4/base/error.h"
#include "tha4/nn/frame_sampling.h"

namespace tha4 {

SirenImpl::SirenImpl(const SirenOptions& options)
    : options_(options),
      sine_layers_(register_module("sine_layers", torch::nn::ModuleList())),
      last_linear_(register_module("last_linear", make_siren_output_layer(options.width, options.outputs))) {
  for (int i = 0; i < options.sine_layers; ++i) {
    sine_layers_->push_back(
        SineLayer(SineLayerOptions{.inputs = i == 0 ? options.pose_size + 2 : options.width, .outputs = options.width, .is_first = i == 0}));
  }
}

torch::Tensor SirenImpl::forward(const torch::Tensor& poses, const FrameWindow& window) {
  std::vector<torch::Tensor> drawn;
  for (const FrameWindow& strip : strips_of(window, poses.device())) {
    const auto positions = pixel_centres(strip, poses.device()).view({-1, 2});
    const SineLayer first(sine_layers_->ptr<SineLayerImpl>(0));
    auto x = first->activate(position_and_pose_share(first, 0, positions, poses));
    for (int i = 1; i < options_.sine_layers; ++i) x = sine_layers_->ptr<SineLayerImpl>(i)->forward(x);
    drawn.push_back(apply_to_pixels(last_linear_, x));
  }
  return to_channel_planes(torch::cat(drawn, 1), window.region);
}

SirenOptions siren_options_of(const StateDict& state, const std::string& prefix, const std::string& source) {
  const auto matrix = [&](const std::string& key) {
    const torch::Tensor* weight = state.find(prefix + key);
    if (weight == nullptr) throw InputError(source + ": the key " + prefix + key + " is missing; this is no SIREN");
    if (weight->dim() != 4 || weight->size(0) < 1 || weight->size(1) < 3) {
      throw InputError(source + ": " + prefix + key + " is not the weight of a 1x1 convolution, [outputs, inputs, 1, 1]");
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
