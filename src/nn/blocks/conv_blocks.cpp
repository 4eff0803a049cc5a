#include "tha4/nn/blocks/conv_blocks.h"

#include "kernels/resampling.h"
#include <ATen/core/grad_mode.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/instancenorm.h>
#include <torch/types.h>

namespace tha4 {
namespace {

torch::nn::InstanceNorm2d instance_norm(std::int64_t channels) {
  return torch::nn::InstanceNorm2d(torch::nn::InstanceNorm2dOptions(channels).affine(true));
}

/// In place: instance norm keeps its input for the gradient, not its output.
torch::nn::LeakyReLU activation_layer(Activation activation) {
  return torch::nn::LeakyReLU(torch::nn::LeakyReLUOptions().negative_slope(activation.slope).inplace(true));
}

torch::nn::Sequential normalized(const ConvolutionOptions& convolution, Activation activation) {
  torch::nn::Sequential block(Convolution(convolution), instance_norm(convolution.outputs));
  if (activation.slope == 0.0) {
    block->push_back(torch::nn::ReLU(torch::nn::ReLUOptions(true)));
  } else {
    block->push_back(activation_layer(activation));
  }
  return block;
}

}  // namespace

torch::nn::Sequential conv_block(std::int64_t inputs, std::int64_t outputs, std::int64_t kernel,
                                 Activation activation) {
  return normalized(
      {.inputs = inputs, .outputs = outputs, .kernel = kernel, .bias = false, .init = WeightInit::he},
      activation);
}

torch::nn::Sequential downsample_block(std::int64_t inputs, std::int64_t outputs) {
  return normalized(
      {.inputs = inputs, .outputs = outputs, .kernel = 4, .stride = 2, .bias = false, .init = WeightInit::he},
      {});
}

torch::nn::Sequential upsample_block(std::int64_t inputs, std::int64_t outputs) {
  return normalized({.inputs = inputs,
                     .outputs = outputs,
                     .kernel = 4,
                     .stride = 2,
                     .bias = false,
                     .transposed = true,
                     .init = WeightInit::he},
                    {});
}

ResizeConvBlockImpl::ResizeConvBlockImpl(std::int64_t inputs, std::int64_t outputs, Activation activation)
    : block_(register_module("1", conv_block(inputs, outputs, 3, activation))) {}

at::Tensor ResizeConvBlockImpl::forward(const at::Tensor& x) {
  return block_->forward(double_resolution(x));
}

ResidualBlockImpl::ResidualBlockImpl(std::int64_t channels, Activation activation) {
  resnet_path_ = conv_block(channels, channels, 3, activation);
  resnet_path_->push_back(Convolution(
      ConvolutionOptions{.inputs = channels, .outputs = channels, .bias = false, .init = WeightInit::he}));
  resnet_path_->push_back(instance_norm(channels));
  register_module("resnet_path", resnet_path_);
}

at::Tensor ResidualBlockImpl::forward(const at::Tensor& x) {
  return x + resnet_path_->forward(x);
}

torch::nn::Sequential alpha_head(std::int64_t inputs, std::int64_t outputs) {
  return torch::nn::Sequential(
      Convolution(ConvolutionOptions{.inputs = inputs, .outputs = outputs, .init = WeightInit::he}),
      torch::nn::Sigmoid());
}

torch::nn::Sequential image_head(std::int64_t inputs) {
  return torch::nn::Sequential(
      Convolution(ConvolutionOptions{.inputs = inputs, .outputs = 4, .init = WeightInit::he}),
      torch::nn::Tanh());
}

Convolution flow_head(std::int64_t inputs) {
  return Convolution(
      ConvolutionOptions{.inputs = inputs, .outputs = 2, .bias = false, .init = WeightInit::zero});
}

std::vector<at::Tensor> apply_heads(const at::Tensor& feature, const std::vector<Head>& heads) {
  std::vector<at::Tensor> results;
  if (at::GradMode::is_enabled()) {  // what no loss reaches is to have no gradient
    for (const Head& head : heads)
      results.push_back(head.layers ? head.layers->forward(feature)
                                    : head.convolution.ptr()->forward(feature));
    return results;
  }
  std::vector<at::Tensor> weights, biases;
  std::vector<std::int64_t> outputs;
  for (const Head& head : heads) {
    const ConvolutionImpl& layer = *head.convolution;
    weights.push_back(layer.weight());
    outputs.push_back(layer.weight().size(0));
    biases.push_back(layer.bias().defined() ? layer.bias()
                                            : torch::zeros({outputs.back()}, layer.weight().options()));
  }
  constexpr int kStride = 1, kPadding = 1;
  results = torch::conv2d(feature, torch::cat(weights), torch::cat(biases), kStride, kPadding)
                .split_with_sizes(outputs, 1);
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (heads[i].layers) results[i] = (heads[i].layers->begin() + 1)->forward(results[i]);
  }
  return results;
}

}  // namespace tha4
