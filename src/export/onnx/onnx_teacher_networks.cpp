#include "onnx/onnx_teacher_networks.h"

#include "onnx/onnx_bodies.h"
#include "onnx/onnx_layers.h"
#include "onnx/onnx_operations.h"

#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

OnnxValue alpha_of(const OnnxModule& network, const char* head, const OnnxValue& feature) {
  return each("Sigmoid", convolution(network[head]["0"], feature));
}

OnnxValue color_of(const OnnxModule& network, const char* head, const OnnxValue& feature) {
  return each("Tanh", convolution(network[head]["0"], feature));
}

OnnxRotated rotated_by(const OnnxValue& image, const OnnxValue& flow, const OnnxValue& alpha,
                       const OnnxValue& direct) {
  const OnnxValue warped = apply_flow(image, flow);
  return {.blended = blend(alpha, direct, warped),
          .alpha = alpha,
          .warped = warped,
          .flow = flow,
          .direct = direct};
}

/// The channels of a U-Net: direct image, flow, alpha before its sigmoid.
OnnxRotated rotator_output(const OnnxValue& channels, const OnnxValue& image) {
  return rotated_by(image, channels_of(channels, 4, 2), each("Sigmoid", channels_of(channels, 6, 1)),
                    channels_of(channels, 0, 4));
}

}  // namespace

OnnxEyebrowLayers eyebrow_decomposer(const OnnxModule& network, const OnnxValue& image) {
  const OnnxScope scope = network.scope();
  const OnnxValue feature = pose_encoder_decoder(network["body"], image, {}, 0);
  return {.eyebrow_layer = blend(alpha_of(network, "eyebrow_layer_alpha", feature), image,
                                 color_of(network, "eyebrow_layer_color_change", feature)),
          .background_layer = blend(alpha_of(network, "background_layer_alpha", feature),
                                    color_of(network, "background_layer_color_change", feature), image)};
}

OnnxValue eyebrow_morphing_combiner(const OnnxModule& network, const OnnxEyebrowLayers& layers,
                                    const OnnxValue& pose) {
  const OnnxScope scope = network.scope();
  const OnnxValue& background = layers.background_layer;
  const OnnxValue feature = pose_encoder_decoder(
      network["body"], concatenated({background, layers.eyebrow_layer}), pose, kEyebrowPoseSize);
  const OnnxValue warped =
      apply_flow(layers.eyebrow_layer, convolution(network["morphed_eyebrow_layer_grid_change"], feature));
  const OnnxValue morphed = blend(alpha_of(network, "morphed_eyebrow_layer_alpha", feature),
                                  color_of(network, "morphed_eyebrow_layer_color_change", feature), warped);
  // By the layer's own alpha channel; the background's stays.
  const OnnxValue own_alpha = (channels_of(morphed, 3, 1) + 1) * 0.5;
  const OnnxValue colors = blend(own_alpha, channels_of(morphed, 0, 3), channels_of(background, 0, 3));
  return concatenated({colors, channels_of(background, 3, 1)});
}

OnnxValue teacher_face_morpher(const OnnxModule& network, const OnnxValue& image, const OnnxValue& pose) {
  const OnnxScope scope = network.scope();
  const OnnxValue feature = pose_encoder_decoder(network, image, pose, kEyeMouthPoseSize);
  const OnnxValue warped = apply_flow(image, convolution(network["iris_mouth_grid_change"], feature));
  const OnnxValue iris_mouth = blend(alpha_of(network, "iris_mouth_alpha", feature),
                                     color_of(network, "iris_mouth_color_change", feature), warped);
  return blend(alpha_of(network, "eye_alpha", feature), color_of(network, "eye_color_change", feature),
               iris_mouth);
}

OnnxRotated unet_rotator(const OnnxModule& network, const OnnxValue& image, const OnnxValue& pose) {
  const OnnxScope scope = network.scope();
  return rotator_output(unet(network["body"], image, pose), image);
}

OnnxRotated unet_editor(const OnnxModule& network, const OnnxValue& image, const OnnxValue& coarse_posed,
                        const OnnxValue& coarse_flow, const OnnxValue& rotation) {
  const OnnxScope scope = network.scope();
  const OnnxValue coarse = concatenated({coarse_posed, apply_flow(image, coarse_flow), coarse_flow});
  const OnnxValue addition = convolution(network["coarse_image_conv"], coarse);
  return rotator_output(unet(network["body"], image, rotation, addition), image);
}

OnnxRotated residual_editor(const OnnxModule& network, const OnnxValue& image, const OnnxRotated& coarse,
                            const OnnxValue& rotation) {
  constexpr std::int64_t kFold = 2;
  constexpr double kMaxFlowChange = 8.0 / 256, kMinAlpha = 1e-4;
  const OnnxScope scope = network.scope();
  const OnnxValue coarse_flow = interpolate(coarse.flow, image.size);
  const OnnxValue folded = pixel_unshuffle(concatenated({image, apply_flow(image, coarse_flow)}), kFold);
  const OnnxValue inputs = concatenated({folded, coarse.blended, coarse.direct, coarse.alpha, coarse.flow});
  const OnnxValue change = pixel_shuffle(unet(network["body"], inputs, rotation), kFold);
  const OnnxValue coarse_alpha = clamp(coarse.alpha, kMinAlpha, 1 - kMinAlpha);
  const OnnxValue before_sigmoid = interpolate(each("Log", coarse_alpha / (1 - coarse_alpha)), image.size);
  return rotated_by(image, coarse_flow + clamp(channels_of(change, 4, 2), -kMaxFlowChange, kMaxFlowChange),
                    each("Sigmoid", before_sigmoid + channels_of(change, 6, 1)),
                    interpolate(coarse.direct, image.size) + channels_of(change, 0, 4));
}

OnnxRotated tha3_rotator(const OnnxModule& network, const OnnxValue& image, const OnnxValue& rotation) {
  const OnnxScope scope = network.scope();
  const OnnxValue planes = pose_planes(rotation, kRotationPoseSize, image.size);
  const OnnxValue feature =
      resize_conv_encoder_decoder(network["encoder_decoder"], concatenated({image, planes}));
  const OnnxValue flow = convolution(network["grid_change_creator"], feature);
  return {.blended = {}, .alpha = {}, .warped = apply_flow(image, flow), .flow = flow, .direct = {}};
}

OnnxRotated tha3_editor(const OnnxModule& network, const OnnxValue& image, const OnnxValue& coarse_warped,
                        const OnnxValue& coarse_flow, const OnnxValue& rotation) {
  const OnnxScope scope = network.scope();
  const OnnxValue planes = pose_planes(rotation, kRotationPoseSize, image.size);
  const OnnxValue feature =
      resize_conv_unet(network["body"], concatenated({image, coarse_warped, coarse_flow, planes}));
  return rotated_by(image, coarse_flow + convolution(network["grid_change_creator"], feature),
                    alpha_of(network, "alpha_creator", feature),
                    color_of(network, "color_change_creator", feature));
}

}  // namespace tha4
