#include <vector>

#include "onnx/onnx_bodies.h"
#include "onnx/onnx_layers.h"
#include "onnx/onnx_operations.h"

#include "tha4/nn/blocks/resize_conv_network.h"

namespace tha4 {
namespace {

// The numbers are those of the layers in a block of tha4/nn/blocks/conv_blocks.h.

OnnxValue conv_block(const OnnxModule& block, const OnnxValue& x, double slope) {
  const OnnxScope scope = block.scope();
  return leaky(instance_norm(block["1"], convolution(block["0"], x)), slope);
}

/// The published downsampling blocks have a plain ReLU everywhere.
OnnxValue downsample_block(const OnnxModule& block, const OnnxValue& x) {
  const OnnxScope scope = block.scope();
  return leaky(instance_norm(block["1"], convolution(block["0"], x, 2)), 0);
}

OnnxValue upsample_block(const OnnxModule& block, const OnnxValue& x) {
  const OnnxScope scope = block.scope();
  return leaky(instance_norm(block["1"], transposed_convolution(block["0"], x)), 0);
}

OnnxValue residual_block(const OnnxModule& block, const OnnxValue& x, double slope) {
  const OnnxScope scope = block.scope();
  const OnnxModule path = block["resnet_path"];
  return x + instance_norm(path["4"], convolution(path["3"], conv_block(path, x, slope)));
}

/// The feature maps of all levels, the full resolution first.
std::vector<OnnxValue> encoded_levels(const OnnxModule& module, const OnnxValue& image, double slope) {
  std::vector<OnnxValue> levels{conv_block(module["downsample_blocks.0"], image, slope)};
  for (std::int64_t i = 1; i < module.count("downsample_blocks"); ++i) {
    levels.push_back(downsample_block(module("downsample_blocks", i), levels.back()));
  }
  return levels;
}

OnnxValue residual_blocks(const OnnxModule& module, OnnxValue x, std::int64_t first, double slope) {
  for (std::int64_t i = first; i < module.count("bottleneck_blocks"); ++i) {
    x = residual_block(module("bottleneck_blocks", i), x, slope);
  }
  return x;
}

}  // namespace

OnnxValue pose_encoder_decoder(const OnnxModule& module, const OnnxValue& image, const OnnxValue& poses,
                               std::int64_t pose_size) {
  const OnnxScope scope = module.scope();
  OnnxValue x = encoded_levels(module, image, 0).back();
  if (pose_size > 0) x = concatenated({x, pose_planes(poses, pose_size, x.size)});
  x = conv_block(module["bottleneck_blocks.0"], x, 0);
  x = residual_blocks(module, x, 1, 0);
  for (std::int64_t i = 0; i < module.count("upsample_blocks"); ++i) {
    x = upsample_block(module("upsample_blocks", i), x);
  }
  return x;
}

OnnxValue resize_conv_encoder_decoder(const OnnxModule& module, const OnnxValue& image) {
  const OnnxScope scope = module.scope();
  OnnxValue x = encoded_levels(module, image, kTha3LeakySlope).back();
  x = residual_blocks(module, x, 0, kTha3LeakySlope);
  for (std::int64_t i = 0; i < module.count("upsample_blocks"); ++i) {
    x = conv_block(module("upsample_blocks", i)["1"], double_resolution(x), kTha3LeakySlope);
  }
  return x;
}

OnnxValue resize_conv_unet(const OnnxModule& module, const OnnxValue& image) {
  const OnnxScope scope = module.scope();
  std::vector<OnnxValue> levels = encoded_levels(module, image, kTha3LeakySlope);
  OnnxValue x = residual_blocks(module, levels.back(), 0, kTha3LeakySlope);
  for (std::int64_t i = 0; i < module.count("upsample_blocks"); ++i) {
    levels.pop_back();
    x = concatenated({double_resolution(x), levels.back()});
    x = conv_block(module("upsample_blocks", i), x, kTha3LeakySlope);
  }
  return x;
}

}  // namespace tha4
