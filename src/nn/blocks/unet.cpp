#include "tha4/nn/blocks/unet.h"

#include "unet_blocks.h"
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

LevelOptions level_options(const UNetOptions& options, std::size_t level, bool resampled) {
  const UNetLevel& wanted = options.levels[level];
  return {.outputs = wanted.channels,
          .condition_channels = options.condition_channels,
          .attention_heads = wanted.attention ? options.attention_heads : 0,
          .resampled = resampled};
}

/// Two linear layers. In the checkpoints' numbering, the time's begin with its embedding, which has no
/// weights.
torch::nn::Sequential embedding_layers(std::int64_t inputs, std::int64_t outputs, int first) {
  torch::nn::Sequential layers;
  layers->push_back(std::to_string(first), torch::nn::Linear(inputs, outputs));
  layers->push_back(std::to_string(first + 1), torch::nn::SiLU());
  layers->push_back(std::to_string(first + 2), torch::nn::Linear(outputs, outputs));
  return layers;
}

}  // namespace

UNetImpl::UNetImpl(std::int64_t inputs, std::int64_t outputs, std::int64_t pose_size,
                   const UNetOptions& options)
    : options_(options),
      time_embed_(register_module("time_embed",
                                  embedding_layers(options.model_channels, options.condition_channels, 1))),
      cond_embed_(register_module("cond_embed", embedding_layers(pose_size, options.condition_channels, 0))),
      first_conv_(register_module(
          "first_conv", Convolution(ConvolutionOptions{.inputs = inputs * options.fold * options.fold,
                                                       .outputs = options.model_channels}))),
      down_blocks_(register_module("down_blocks", torch::nn::ModuleList())),
      middle_blocks_(register_module("middle_blocks", torch::nn::ModuleList())),
      up_blocks_(register_module("up_blocks", torch::nn::ModuleList())) {
  if (options.model_channels % 2 != 0) {
    throw InputError("a U-Net cannot have " + std::to_string(options.model_channels) +
                     " channels: it must be an even number");
  }
  if (options.fold < 1) throw InputError("a U-Net cannot fold less than 1 pixel");
  std::vector<std::int64_t> feature_channels{options.model_channels};
  make_down_levels(feature_channels);
  make_middle_blocks();
  make_up_levels(feature_channels);
  const std::int64_t last_channels = options.levels.front().channels;
  last_ = register_module(
      "last",
      torch::nn::Sequential(group_norm(last_channels), torch::nn::SiLU(),
                            Convolution(ConvolutionOptions{.inputs = last_channels,
                                                           .outputs = outputs * options.fold * options.fold,
                                                           .init = WeightInit::zero})));
}

at::Tensor UNetImpl::last_bias(std::int64_t channel) {
  const std::int64_t places = options_.fold * options_.fold;
  return last_->at<ConvolutionImpl>(2).bias().narrow(0, channel * places, places);
}

/// \param feature_channels  of all feature maps so far, to which those of the levels are appended
void UNetImpl::make_down_levels(std::vector<std::int64_t>& feature_channels) {
  for (std::size_t level = 0; level < options_.levels.size(); ++level) {
    const auto options = level_options(options_, level, level + 1 < options_.levels.size());
    down_blocks_->push_back(DownLevel(feature_channels.back(), options_.blocks_per_level, options));
    const auto maps = static_cast<std::size_t>(options_.blocks_per_level + (options.resampled ? 1 : 0));
    feature_channels.insert(feature_channels.end(), maps, options.outputs);
  }
}

void UNetImpl::make_middle_blocks() {
  const std::int64_t channels = options_.levels.back().channels;
  for (std::int64_t block = 0; block < options_.middle_blocks; ++block) {
    if (block > 0) middle_blocks_->push_back(NamedAttentionBlock(channels, options_.attention_heads));
    middle_blocks_->push_back(ConditionedResidualBlock(channels, channels, options_.condition_channels));
  }
}

/// \param feature_channels  of the feature maps of the way down, which the levels take off the end
void UNetImpl::make_up_levels(std::vector<std::int64_t>& feature_channels) {
  std::int64_t channels = options_.levels.back().channels;
  for (std::size_t level = options_.levels.size(); level-- > 0;) {
    std::vector<std::int64_t> skip_channels;
    for (std::int64_t block = 0; block <= options_.blocks_per_level; ++block) {
      skip_channels.push_back(feature_channels.back());
      feature_channels.pop_back();
    }
    up_blocks_->push_back(UpLevel(channels, skip_channels, level_options(options_, level, level > 0)));
    channels = options_.levels[level].channels;
  }
}

/// The sinusoidal embedding of time 0 has cosines of 1 in its first half and sines of 0 in its second.
at::Tensor UNetImpl::embedded_time() {
  const auto type = at::TensorOptions(scalar_type()).device(first_conv_->parameters().front().device());
  const std::int64_t half = options_.model_channels / 2;
  return time_embed_->forward(torch::cat({torch::ones({1, half}, type), torch::zeros({1, half}, type)}, 1));
}

at::Tensor UNetImpl::forward(const at::Tensor& image, const at::Tensor& pose,
                             const at::Tensor& first_addition) {
  if (substitute_ && !first_addition.defined()) return substitute_->forward(image, pose);
  const Condition condition{.time = torch::silu(embedded_time()),
                            .pose = torch::silu(cond_embed_->forward(pose.to(scalar_type())))};
  const bool folds = options_.fold > 1;
  const at::Tensor values = image.to(scalar_type());
  auto first = first_conv_->forward(folds ? torch::pixel_unshuffle(values, options_.fold) : values);
  if (first_addition.defined()) first = first + first_addition;
  std::vector<at::Tensor> features{first};
  for (std::size_t i = 0; i < down_blocks_->size(); ++i) {
    down_blocks_->at<DownLevelImpl>(i).forward(features, condition);
  }
  auto x = features.back();
  for (std::size_t i = 0; i < middle_blocks_->size(); ++i) {
    if (i % 2 == 0) {
      x = middle_blocks_->at<ConditionedResidualBlockImpl>(i).forward(x, condition);
    } else {
      x = middle_blocks_->at<NamedAttentionBlockImpl>(i).forward(x);
    }
  }
  for (std::size_t i = 0; i < up_blocks_->size(); ++i) {
    x = up_blocks_->at<UpLevelImpl>(i).forward(x, features, condition);
  }
  const torch::nn::GroupNorm norm(last_->ptr<torch::nn::GroupNormImpl>(0));
  const at::Tensor result = last_->at<ConvolutionImpl>(2).forward(normalized_silu(norm, x));
  return folds ? torch::pixel_shuffle(result, options_.fold) : result;
}

void UNetImpl::set_activation_checkpointing(bool on) {
  for (const auto& module : modules(/*include_self=*/false)) {
    if (auto* block = module->as<ConditionedResidualBlockImpl>()) block->set_activation_checkpointing(on);
  }
}

UNetOptions UNetOptions::from_shapes(const WeightShapes& shapes, const std::string& prefix,
                                     std::int64_t inputs) {
  const WeightShapes body = shapes.under(prefix);
  UNetOptions options;
  const std::int64_t folded = body.size("first_conv.weight", 1);
  while (inputs * options.fold * options.fold < folded) ++options.fold;
  if (inputs * options.fold * options.fold != folded) {
    body.fail("first_conv.weight", "takes " + std::to_string(folded) + " channels, not " +
                                       std::to_string(inputs) + " or 4, 9, 16, ... times as many");
  }
  options.model_channels = body.size("first_conv.weight", 0);
  options.condition_channels = body.size("cond_embed.0.weight", 0);
  const std::int64_t levels = body.count("down_blocks");
  if (levels == 0) body.fail("down_blocks", "is missing");
  for (std::int64_t level = 0; level < levels; ++level) {
    const std::string block = "down_blocks." + std::to_string(level);
    options.levels.push_back({.channels = body.size(block + ".res_blocks.0.conv0.weight", 0),
                              .attention = body.has(block + ".attention_blocks.0.qkv.weight")});
  }
  options.blocks_per_level = body.count("down_blocks.0.res_blocks");
  options.middle_blocks = (body.count("middle_blocks") + 1) / 2;
  if (options.middle_blocks == 0) body.fail("middle_blocks", "is missing");
  return options;
}

}  // namespace tha4
