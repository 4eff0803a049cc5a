#include "unet_blocks.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/fused_norm.h"
#include "kernels/resampling.h"
#include <torch/nn/modules/linear.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/activation_checkpoint.h"
#include "tha4/nn/blocks/conv_blocks.h"

namespace tha4 {
namespace {

/// Whether \p x is of a type in which the published order of operations is kept to the last bit, so that
/// results agree with the published networks' even where a deep stack blows rounding differences up. Types of
/// 16 bits take the faster order instead.
bool keeps_order_of_operations(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble;
}

/// \param query, key, value  [N, heads, channels of a head, pixels]
/// \return [N, heads, channels of a head, pixels]
at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value) {
  if (!keeps_order_of_operations(query)) {
    return torch::scaled_dot_product_attention(query.transpose(2, 3), key.transpose(2, 3),
                                               value.transpose(2, 3))
        .transpose(2, 3);
  }
  const std::vector<std::int64_t> head{query.size(0) * query.size(1), query.size(2), query.size(3)};
  const double scale = 1.0 / std::sqrt(std::sqrt(static_cast<double>(query.size(2))));
  const auto weight =
      torch::einsum("bct,bcs->bts", {(query * scale).reshape(head), (key * scale).reshape(head)});
  return torch::einsum("bts,bcs->bct", {torch::softmax(weight, -1), value.reshape(head)})
      .reshape(query.sizes());
}

/// Scale and shift of \p channels channels from an embedded condition. Module 0 of the checkpoints' numbering
/// is the SiLU, applied by whoever makes the Condition.
torch::nn::Sequential condition_layers(std::int64_t condition_channels, std::int64_t channels) {
  torch::nn::Sequential layers;
  layers->push_back("1", torch::nn::Linear(condition_channels, 2 * channels));
  return layers;
}

}  // namespace

torch::nn::GroupNorm group_norm(std::int64_t channels) {
  const std::int64_t groups = std::min<std::int64_t>(32, channels);
  if (channels % groups != 0) {
    throw InputError("a U-Net cannot have " + std::to_string(channels) +
                     " channels: widths above 32 must be multiples of 32");
  }
  return torch::nn::GroupNorm(groups, channels);
}

at::Tensor normalized_silu(torch::nn::GroupNorm norm, const at::Tensor& x) {
  if (can_fuse(x, x.size(1))) return fused_group_norm(x, norm, {.activation = FusedActivation::silu});
  return torch::silu(norm->forward(x));
}

ConditionedResidualBlockImpl::ConditionedResidualBlockImpl(std::int64_t inputs, std::int64_t outputs,
                                                           std::int64_t condition_channels,
                                                           Resampling resampling)
    : resampling_(resampling),
      norm0_(register_module("norm0", group_norm(inputs))),
      conv0_(register_module("conv0", Convolution(ConvolutionOptions{.inputs = inputs, .outputs = outputs}))),
      time_layers_(register_module("cond0_layers", condition_layers(condition_channels, outputs))),
      norm1_(register_module("norm1", group_norm(outputs))),
      conv1_(register_module("conv1", Convolution(ConvolutionOptions{
                                          .inputs = outputs, .outputs = outputs, .init = WeightInit::zero}))),
      pose_layers_(register_module("cond1_layers", condition_layers(condition_channels, outputs))) {
  if (inputs != outputs) {
    skip_ = register_module(
        "skip", Convolution(ConvolutionOptions{.inputs = inputs, .outputs = outputs, .kernel = 1}));
  }
}

at::Tensor ConditionedResidualBlockImpl::resample(const at::Tensor& x) const {
  if (resampling_ == Resampling::halve) return half_resolution(x);
  if (resampling_ == Resampling::double_up) return double_resolution(x);
  return x;
}

/// Both conditions' (1 + scale) * x + shift, one after the other.
at::Tensor ConditionedResidualBlockImpl::scale_and_shift(const at::Tensor& x, const Condition& condition) {
  const auto time = time_layers_->forward(condition.time).unsqueeze(2).unsqueeze(3).chunk(2, 1);
  const auto pose = pose_layers_->forward(condition.pose).unsqueeze(2).unsqueeze(3).chunk(2, 1);
  if (keeps_order_of_operations(x)) return (x * (1 + time[0]) + time[1]) * (1 + pose[0]) + pose[1];
  const auto pose_scale = 1 + pose[0];
  const auto scale = (1 + time[0]) * pose_scale;
  const auto shift = time[1] * pose_scale + pose[1];
  return torch::addcmul(shift, x, scale);
}

at::Tensor ConditionedResidualBlockImpl::forward(const at::Tensor& x, const Condition& condition) {
  if (!is_checkpointed_) return compute(x, condition);
  return checkpointed(
      [this](const CheckpointInputs& inputs) {
        return compute(inputs[0], {.time = inputs[1], .pose = inputs[2]});
      },
      {x, condition.time, condition.pose});
}

/// compute(), with what lies between the convolutions, their biases too, in single passes.
at::Tensor ConditionedResidualBlockImpl::compute_fused(const at::Tensor& x, const Condition& condition) {
  const auto time = time_layers_->forward(condition.time).to(torch::kFloat).chunk(2, 1);
  const auto pose = pose_layers_->forward(condition.pose).to(torch::kFloat).chunk(2, 1);
  const auto pose_scale = 1 + pose[0];
  const std::vector<std::int64_t> one_per_image{x.size(0), -1};
  const NormSurroundings surroundings{.offset = conv0_->bias(),
                                      .scale = ((1 + time[0]) * pose_scale).expand(one_per_image),
                                      .shift = (time[1] * pose_scale + pose[1]).expand(one_per_image),
                                      .activation = FusedActivation::silu};
  auto h = conv0_->forward_without_bias(resample(normalized_silu(norm0_, x)));
  h = conv1_->forward_without_bias(fused_group_norm(h, norm1_, surroundings));
  if (!skip_) return fused_sum(h, conv1_->bias(), resample(x));
  return fused_sum(h, conv1_->bias() + skip_->bias(), skip_->forward_without_bias(resample(x)));
}

at::Tensor ConditionedResidualBlockImpl::compute(const at::Tensor& x, const Condition& condition) {
  if (can_fuse(x, x.size(1)) && can_fuse(x, conv1_->bias().size(0))) return compute_fused(x, condition);
  auto h = conv0_->forward(resample(normalized_silu(norm0_, x)));
  h = scale_and_shift(norm1_->forward(h), condition);
  h = conv1_->forward(torch::silu(h));
  const auto resampled = resample(x);
  return h + (skip_ ? skip_->forward(resampled) : resampled);
}

AttentionBlockImpl::AttentionBlockImpl(std::int64_t channels, std::int64_t heads)
    : heads_(heads),
      norm_(register_module("norm", group_norm(channels))),
      qkv_(register_module(
          "qkv", Convolution(ConvolutionOptions{.inputs = channels, .outputs = 3 * channels, .kernel = 1}))),
      conv_(register_module(
          "conv", Convolution(ConvolutionOptions{
                      .inputs = channels, .outputs = channels, .kernel = 1, .init = WeightInit::zero}))) {
  if (channels % heads != 0) {
    throw InputError("a U-Net cannot have attention at " + std::to_string(channels) +
                     " channels: it must be a multiple of its " + std::to_string(heads) + " heads");
  }
}

at::Tensor AttentionBlockImpl::forward(const at::Tensor& x) {
  const std::int64_t images = x.size(0);
  const std::int64_t channels = x.size(1);
  const auto normalized = can_fuse(x, channels) ? fused_group_norm(x, norm_, {}) : norm_->forward(x);
  const auto qkv = qkv_->forward(normalized)
                       .reshape({images, 3, heads_, channels / heads_, x.size(2) * x.size(3)})
                       .unbind(1);
  return x + conv_->forward(attend(qkv[0], qkv[1], qkv[2]).reshape(x.sizes()));
}

DownLevelImpl::DownLevelImpl(std::int64_t inputs, std::int64_t blocks, const LevelOptions& options)
    : res_blocks_(register_module("res_blocks", torch::nn::ModuleList())),
      attention_blocks_(register_module("attention_blocks", torch::nn::ModuleList())) {
  for (std::int64_t block = 0; block < blocks; ++block) {
    res_blocks_->push_back(ConditionedResidualBlock(block == 0 ? inputs : options.outputs, options.outputs,
                                                    options.condition_channels));
    if (options.attention_heads > 0) {
      attention_blocks_->push_back(AttentionBlock(options.outputs, options.attention_heads));
    }
  }
  if (options.resampled) {
    downsample_ = register_module(
        "downsample", ConditionedResidualBlock(options.outputs, options.outputs, options.condition_channels,
                                               Resampling::halve));
  }
}

void DownLevelImpl::forward(std::vector<at::Tensor>& features, const Condition& condition) {
  for (std::size_t i = 0; i < res_blocks_->size(); ++i) {
    auto x = res_blocks_->at<ConditionedResidualBlockImpl>(i).forward(features.back(), condition);
    if (!attention_blocks_->is_empty()) x = attention_blocks_->at<AttentionBlockImpl>(i).forward(x);
    features.push_back(x);
  }
  if (downsample_) features.push_back(downsample_->forward(features.back(), condition));
}

UpLevelImpl::UpLevelImpl(std::int64_t inputs, const std::vector<std::int64_t>& skip_channels,
                         const LevelOptions& options)
    : resnet_blocks_(register_module("resnet_blocks", torch::nn::ModuleList())),
      attention_blocks_(register_module("attention_blocks", torch::nn::ModuleList())) {
  for (std::size_t block = 0; block < skip_channels.size(); ++block) {
    const std::int64_t own = block == 0 ? inputs : options.outputs;
    resnet_blocks_->push_back(
        ConditionedResidualBlock(own + skip_channels[block], options.outputs, options.condition_channels));
    if (options.attention_heads > 0) {
      attention_blocks_->push_back(AttentionBlock(options.outputs, options.attention_heads));
    }
  }
  if (options.resampled) {
    upsample_ = register_module(
        "upsample", ConditionedResidualBlock(options.outputs, options.outputs, options.condition_channels,
                                             Resampling::double_up));
  }
}

at::Tensor UpLevelImpl::forward(at::Tensor x, std::vector<at::Tensor>& features, const Condition& condition) {
  for (std::size_t i = 0; i < resnet_blocks_->size(); ++i) {
    x = torch::cat({x, features.back()}, 1);
    features.pop_back();
    x = resnet_blocks_->at<ConditionedResidualBlockImpl>(i).forward(x, condition);
    if (!attention_blocks_->is_empty()) x = attention_blocks_->at<AttentionBlockImpl>(i).forward(x);
  }
  if (upsample_) x = upsample_->forward(x, condition);
  return x;
}

}  // namespace tha4
