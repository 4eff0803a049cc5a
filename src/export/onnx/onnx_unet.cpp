#include <cmath>
#include <vector>

#include "onnx/onnx_bodies.h"
#include "onnx/onnx_layers.h"
#include "onnx/onnx_operations.h"
#include <torch/types.h>

#include "tha4/nn/blocks/unet.h"

namespace tha4 {
namespace {

enum class BlockResampling { none, halve, double_up };

/// What all residual blocks are told, after their SiLU: the embedded time, which is a constant, and the
/// embedded pose.
struct OnnxCondition {
  at::Tensor time;  ///< [1, channels]
  OnnxValue pose;   ///< [N, channels]
};

at::Tensor linear_of(const OnnxModule& layer, const at::Tensor& x) {
  return torch::linear(x, layer.tensor("weight"), layer.tensor("bias"));
}

/// The sinusoidal embedding of time 0 has cosines of 1 in its first half and sines of 0 in its second.
at::Tensor embedded_time(const OnnxModule& module) {
  const std::int64_t half = module.tensor("time_embed.1.weight").size(1) / 2;
  const at::Tensor sinusoids = torch::cat({torch::ones({1, half}), torch::zeros({1, half})}, 1);
  return torch::silu(
      linear_of(module["time_embed.3"], torch::silu(linear_of(module["time_embed.1"], sinusoids))));
}

OnnxValue resampled(const OnnxValue& x, BlockResampling resampling) {
  if (resampling == BlockResampling::halve) return half_resolution(x);
  if (resampling == BlockResampling::double_up) return double_resolution(x);
  return x;
}

/// (1 + scale) * x + shift by the pose.
OnnxValue scaled_by_pose(const OnnxModule& block, const OnnxValue& x, const OnnxCondition& condition) {
  const OnnxScope scope = block.scope();
  const OnnxValue both =
      reshaped(linear_layer(block["cond1_layers.1"], condition.pose), {-1, 2 * x.channels, 1, 1});
  const OnnxValue scale = channels_of(both, 0, x.channels) + 1;
  return x * scale + channels_of(both, x.channels, x.channels);
}

OnnxValue residual_unet_block(const OnnxModule& block, const OnnxValue& x, const OnnxCondition& condition,
                              BlockResampling resampling = BlockResampling::none) {
  const OnnxScope scope = block.scope();
  OnnxValue h = silu(group_norm(block["norm0"], x));
  h = convolution(block["conv0"], resampled(h, resampling));
  // The time's (1 + scale) * x + shift follows the norm's own.
  const std::vector<at::Tensor> time = linear_of(block["cond0_layers.1"], condition.time)[0].chunk(2);
  h = scaled_by_pose(block, group_norm(block["norm1"], h, 1 + time[0], time[1]), condition);
  h = convolution(block["conv1"], silu(h));
  const OnnxValue beside = resampled(x, resampling);
  return h + (block.has("skip.weight") ? convolution(block["skip"], beside) : beside);
}

OnnxValue attention_block(const OnnxModule& block, const OnnxValue& x) {
  const OnnxScope scope = block.scope();
  OnnxGraph& graph = block.graph();
  const std::int64_t heads = UNetOptions().attention_heads;
  const std::int64_t channels = x.channels / heads;
  const OnnxValue qkv = reshaped(convolution(block["qkv"], group_norm(block["norm"], x)),
                                 {-1, 3 * heads, channels, x.size * x.size});
  const auto third = [&](std::int64_t index) { return slice(qkv, 1, index * heads, (index + 1) * heads); };
  const double scale = 1.0 / std::sqrt(std::sqrt(static_cast<double>(channels)));
  const OnnxValue products =
      graph.node("MatMul", {transposed(third(0) * scale, {0, 1, 3, 2}), third(1) * scale});
  const OnnxValue weights = graph.node("Softmax", {products}, {{"axis", -1}});
  const OnnxValue mixed = graph.node("MatMul", {third(2), transposed(weights, {0, 1, 3, 2})});
  return x + convolution(block["conv"], as_maps(mixed, x.channels, x.size));
}

/// Blocks of one level, each with the attention that follows it where the level has some.
OnnxValue level_block(const OnnxModule& level, const char* list, std::int64_t index, const OnnxValue& x,
                      const OnnxCondition& condition) {
  const OnnxValue result = residual_unet_block(level(list, index), x, condition);
  const OnnxModule attention = level("attention_blocks", index);
  return attention.has("qkv.weight") ? attention_block(attention, result) : result;
}

void down_level(const OnnxModule& level, std::vector<OnnxValue>& features, const OnnxCondition& condition) {
  for (std::int64_t i = 0; i < level.count("res_blocks"); ++i) {
    features.push_back(level_block(level, "res_blocks", i, features.back(), condition));
  }
  if (level.has("downsample.conv0.weight")) {
    features.push_back(
        residual_unet_block(level["downsample"], features.back(), condition, BlockResampling::halve));
  }
}

OnnxValue up_level(const OnnxModule& level, OnnxValue x, std::vector<OnnxValue>& features,
                   const OnnxCondition& condition) {
  const OnnxScope scope = level.scope();
  for (std::int64_t i = 0; i < level.count("resnet_blocks"); ++i) {
    x = level_block(level, "resnet_blocks", i, concatenated({x, features.back()}), condition);
    features.pop_back();
  }
  if (level.has("upsample.conv0.weight")) {
    x = residual_unet_block(level["upsample"], x, condition, BlockResampling::double_up);
  }
  return x;
}

/// Pixels on each side that share a place of the first level, in its channels.
std::int64_t fold_of(const OnnxModule& module, const OnnxValue& image) {
  const std::int64_t places = module.tensor("first_conv.weight").size(1) / image.channels;
  return std::lround(std::sqrt(static_cast<double>(places)));
}

}  // namespace

OnnxValue unet(const OnnxModule& module, const OnnxValue& image, const OnnxValue& poses,
               const OnnxValue& first_addition) {
  const OnnxScope scope = module.scope();
  const OnnxCondition condition{.time = embedded_time(module),
                                .pose = silu(silu_layers(module, {"cond_embed.0", "cond_embed.2"}, poses))};
  const std::int64_t fold = fold_of(module, image);
  OnnxValue first = convolution(module["first_conv"], fold > 1 ? pixel_unshuffle(image, fold) : image);
  if (!first_addition.name.empty()) first = first + first_addition;
  std::vector<OnnxValue> features{first};
  for (std::int64_t i = 0; i < module.count("down_blocks"); ++i) {
    down_level(module("down_blocks", i), features, condition);
  }
  OnnxValue x = features.back();
  for (std::int64_t i = 0; i < module.count("middle_blocks"); ++i) {
    const OnnxModule block = module("middle_blocks", i);
    x = i % 2 == 0 ? residual_unet_block(block, x, condition) : attention_block(block["module"], x);
  }
  for (std::int64_t i = 0; i < module.count("up_blocks"); ++i) {
    x = up_level(module("up_blocks", i), x, features, condition);
  }
  const OnnxValue result = convolution(module["last.2"], silu(group_norm(module["last.0"], x)));
  return fold > 1 ? pixel_shuffle(result, fold) : result;
}

}  // namespace tha4
