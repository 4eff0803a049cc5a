#include "tha4/nn/sine_layer.h"

#include <cmath>

#include <torch/nn/init.h>
#include <torch/nn/modules/conv.h>
#include <torch/types.h>

namespace tha4 {
namespace {

torch::Tensor as_matrix(const torch::Tensor& weight) {
  return weight.view({weight.size(0), weight.size(1)});
}

}  // namespace

SineLayerImpl::SineLayerImpl(const SineLayerOptions& options)
    : options_(options),
      linear_(register_module(
          "linear", torch::nn::Conv2d(torch::nn::Conv2dOptions(options.inputs, options.outputs, 1)))) {
  const double bound =
      options.is_first ? 1.0 / options.inputs : std::sqrt(6.0 / options.inputs) / options.frequency;
  torch::NoGradGuard no_grad;
  linear_->weight.uniform_(-bound, bound);
}

torch::Tensor SineLayerImpl::forward(const torch::Tensor& x) {
  return activate(apply_to_pixels(linear_, x));
}

torch::Tensor SineLayerImpl::activate(torch::Tensor x) const {
  if (torch::GradMode::is_enabled()) return torch::sin(x * options_.frequency);
  return x.mul_(options_.frequency).sin_();
}

torch::Tensor SineLayerImpl::weight() const {
  return as_matrix(linear_->weight);
}

torch::nn::Conv2d make_siren_output_layer(int inputs, int outputs) {
  torch::nn::Conv2d layer(torch::nn::Conv2dOptions(inputs, outputs, 1));
  torch::nn::init::kaiming_normal_(layer->weight);
  return layer;
}

torch::Tensor apply_to_pixels(const torch::nn::Conv2d& layer, const torch::Tensor& pixels) {
  return torch::linear(pixels, as_matrix(layer->weight), layer->bias);
}

}  // namespace tha4
