#include "tha4/nn/blocks/sine_layer.h"

#include <cmath>

#include <torch/nn/init.h>
#include <torch/types.h>

namespace tha4 {
namespace {

torch::Tensor as_matrix(const torch::Tensor& weight) {
  return weight.view({weight.size(0), weight.size(1)});
}

/// A linear layer for every pixel.
Convolution pixel_layer(int inputs, int outputs) {
  return Convolution(ConvolutionOptions{.inputs = inputs, .outputs = outputs, .kernel = 1});
}

}  // namespace

SineLayerImpl::SineLayerImpl(const SineLayerOptions& options)
    : options_(options), linear_(register_module("linear", pixel_layer(options.inputs, options.outputs))) {
  if (SkipInitialization::is_active()) return;
  const double bound =
      options.is_first ? 1.0 / options.inputs : std::sqrt(6.0 / options.inputs) / options.frequency;
  torch::NoGradGuard no_grad;
  linear_->weight().uniform_(-bound, bound);
}

torch::Tensor SineLayerImpl::forward(const torch::Tensor& x) {
  return activate(apply_to_pixels(linear_, x));
}

torch::Tensor SineLayerImpl::activate(torch::Tensor x) const {
  if (torch::GradMode::is_enabled()) return torch::sin(x * options_.frequency);
  return x.mul_(options_.frequency).sin_();
}

torch::Tensor SineLayerImpl::weight() const {
  return as_matrix(linear_->weight());
}

Convolution make_siren_output_layer(int inputs, int outputs) {
  Convolution layer = pixel_layer(inputs, outputs);
  if (!SkipInitialization::is_active()) torch::nn::init::kaiming_normal_(layer->weight());
  return layer;
}

torch::Tensor apply_to_pixels(const Convolution& layer, const torch::Tensor& pixels) {
  const auto type = pixels.scalar_type();
  return torch::linear(pixels, as_matrix(layer->weight()).to(type), layer->bias().to(type));
}

}  // namespace tha4
