#include <vector>

#include "onnx/onnx_layers.h"
#include "onnx/onnx_operations.h"
#include "onnx/onnx_student.h"
#include <torch/types.h>

#include "tha4/image/region.h"
#include "tha4/nn/blocks/sine_layer.h"
#include "tha4/nn/student/siren_body_rotator.h"

namespace tha4 {
namespace {

OnnxValue sine(const OnnxValue& x) {
  return each("Sin", x * kSirenFrequency);
}

/// W x + b of a layer whose inputs are (`features` other values, x, y, pose), without the other values'
/// term. The pose's term is the same at all pixels, and that of x the same in all rows, so that no pixel
/// takes a product.
/// \param layer  "linear" of a sine layer
OnnxValue position_and_pose_terms(const OnnxModule& layer, std::int64_t features, const OnnxValue& poses,
                                  std::int64_t size) {
  const OnnxScope scope = layer.scope();
  const at::Tensor weight = layer.tensor("weight").flatten(1);
  const std::int64_t outputs = weight.size(0);
  const auto column = [&](const char* name, std::int64_t index) {
    return layer.constant(name, weight.select(1, index).reshape({1, outputs, 1, 1}));
  };
  const OnnxPixelCentres centres = pixel_centres(layer.graph(), size);
  const OnnxValue of_pose =
      linear(poses, layer.constant("weight/pose", weight.slice(1, features + 2)), layer.weight("bias"));
  const OnnxValue of_row =
      centres.y * column("weight/y", features + 1) + reshaped(of_pose, {-1, outputs, 1, 1});
  OnnxValue result = centres.x * column("weight/x", features) + of_row;
  result.channels = outputs;
  result.size = size;
  return result;
}

OnnxValue sine_layer(const OnnxModule& layer, const OnnxValue& x) {
  const OnnxScope scope = layer.scope();
  return sine(convolution(layer["linear"], x));
}

/// A SIREN that gives values at every pixel of \p size by \p size.
OnnxValue plain_siren(const OnnxModule& siren, const OnnxValue& poses, std::int64_t size) {
  const OnnxScope scope = siren.scope();
  OnnxValue x = sine(position_and_pose_terms(siren["sine_layers.0.linear"], 0, poses, size));
  for (std::int64_t i = 1; i < siren.count("sine_layers"); ++i) x = sine_layer(siren("sine_layers", i), x);
  return convolution(siren["last_linear"], x);
}

/// The features' term of a level's first layer, computed at the resolution of the level below: bilinear
/// sampling and a linear layer commute.
OnnxValue features_term(const OnnxModule& layer, const OnnxValue& features, std::int64_t size) {
  const OnnxScope scope = layer.scope();
  const at::Tensor weight = layer.tensor("weight").narrow(1, 0, features.channels);
  OnnxValue term = layer.graph().node("Conv", {features, layer.constant("weight/features", weight)});
  term.channels = weight.size(0);
  term.size = features.size;
  return interpolate(term, size);
}

}  // namespace

OnnxValue siren_face(const OnnxModule& network, const OnnxValue& face_poses) {
  return plain_siren(network["siren"], face_poses, kFaceCrop.width);
}

OnnxValue siren_body(const OnnxModule& network, SirenResolution resolution, const OnnxValue& images,
                     const OnnxValue& poses) {
  const SirenBodyRotatorOptions options = siren_body_options_of(network.shapes(), resolution);
  OnnxValue x;
  for (std::size_t level = 0; level < options.levels.size(); ++level) {
    const OnnxModule layers = network("siren_layers", static_cast<std::int64_t>(level));
    const std::int64_t size = options.levels[level].size;
    const std::int64_t features = level == 0 ? 0 : options.levels[level].width;
    OnnxValue sums = position_and_pose_terms(layers["0.linear"], features, poses, size);
    if (level > 0) sums = sums + features_term(layers["0.linear"], x, size);
    const OnnxScope scope = layers.scope();
    x = sine(sums);
    for (int i = 1; i < options.sine_layers; ++i) x = sine_layer(layers[std::to_string(i)], x);
  }
  const OnnxValue outputs = convolution(network["last_linear"], x);
  const OnnxScope scope = network.scope();
  const OnnxValue warped = apply_flow_exactly(images, channels_of(outputs, 0, 2));
  return warped + channels_of(outputs, 2, 1) * (channels_of(outputs, 3, 4) - warped);
}

OnnxValue vanilla_siren_body(const OnnxModule& network, const OnnxValue& poses) {
  return plain_siren(network["siren"], poses, kImageSize);
}

}  // namespace tha4
