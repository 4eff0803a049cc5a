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

/// Weights of a sine layer in double precision, times its frequency. The file has them in float32.
OnnxValue exact_weights(const OnnxValue& weights) {
  return as_float64(weights) * as_float64(weights.graph->number(kSirenFrequency));
}

/// The sines, in float32, of what a layer of \p level sums. Those of the first level, whose arguments are the
/// largest and which all others amplify, are computed in double precision: that takes five times as long.
OnnxValue activated(const OnnxValue& x, SirenSums sums, std::size_t level) {
  if (sums == SirenSums::rounded) return sine(x);
  return level == 0 ? as_float32(each("Sin", x)) : each("Sin", as_float32(x));
}

/// W x + b of a layer whose inputs are (`features` other values, x, y, pose), without the other values'
/// term. The pose's term is the same at all pixels, and that of x the same in all rows, so that no pixel
/// takes a product.
/// \param layer  "linear" of a sine layer
/// \param sums   exact: of exact_weights()
OnnxValue position_and_pose_terms(const OnnxModule& layer, std::int64_t features, const OnnxValue& poses,
                                  std::int64_t size, SirenSums sums) {
  const OnnxScope scope = layer.scope();
  const at::Tensor weight = layer.tensor("weight").flatten(1);
  const std::int64_t outputs = weight.size(0);
  const bool is_exact = sums == SirenSums::exact;
  const auto precise = [&](const OnnxValue& x) { return is_exact ? as_float64(x) : x; };
  const auto weights = [&](const OnnxValue& x) { return is_exact ? exact_weights(x) : x; };
  const auto column = [&](const char* name, std::int64_t index) {
    return weights(layer.constant(name, weight.select(1, index).reshape({1, outputs, 1, 1})));
  };
  const OnnxPixelCentres centres = pixel_centres(layer.graph(), size);
  const OnnxValue of_pose =
      linear(precise(poses), weights(layer.constant("weight/pose", weight.slice(1, features + 2))),
             weights(layer.weight("bias")));
  const OnnxValue of_row =
      precise(centres.y) * column("weight/y", features + 1) + reshaped(of_pose, {-1, outputs, 1, 1});
  OnnxValue result = precise(centres.x) * column("weight/x", features) + of_row;
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
  OnnxValue x =
      sine(position_and_pose_terms(siren["sine_layers.0.linear"], 0, poses, size, SirenSums::rounded));
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

/// A 1x1 convolution in double precision, as a product of matrices: no runtime has to have the other.
/// \param prepared  what makes its weights of the module's: as_float64() or exact_weights()
OnnxValue exact_convolution(const OnnxModule& module, const OnnxValue& x,
                            OnnxValue (*prepared)(const OnnxValue&)) {
  const OnnxScope scope = module.scope();
  const at::Tensor weight = module.tensor("weight").flatten(1);
  const OnnxValue pixels = reshaped(as_float64(x), {0, x.channels, -1});
  const OnnxValue products =
      module.graph().node("MatMul", {prepared(module.constant("weight", weight)), pixels});
  return as_maps(products, weight.size(0), x.size) +
         prepared(module.constant("bias", module.tensor("bias").view({1, -1, 1, 1})));
}

/// What the first layer of a level sums.
/// \param features  of the level below; without a name none
OnnxValue first_sums(const OnnxModule& layer, const OnnxValue& features, const OnnxValue& poses,
                     std::int64_t size, SirenSums sums) {
  const OnnxScope scope = layer.scope();
  const OnnxValue terms = position_and_pose_terms(layer["linear"], features.channels, poses, size, sums);
  if (features.name.empty()) return terms;
  const OnnxValue term = features_term(layer["linear"], features, size);
  return terms + (sums == SirenSums::exact ? exact_weights(term) : term);
}

/// What any other layer sums.
OnnxValue later_sums(const OnnxModule& layer, const OnnxValue& x, SirenSums sums) {
  if (sums == SirenSums::exact) return exact_convolution(layer["linear"], x, exact_weights);
  return convolution(layer["linear"], x);
}

}  // namespace

OnnxValue siren_face(const OnnxModule& network, const OnnxValue& face_poses) {
  return plain_siren(network["siren"], face_poses, kFaceCrop.width);
}

OnnxValue siren_body(const OnnxModule& network, SirenResolution resolution, const OnnxValue& images,
                     const OnnxValue& poses, SirenSums sums) {
  const SirenBodyRotatorOptions options = siren_body_options_of(network.shapes(), resolution);
  OnnxValue x;
  for (std::size_t level = 0; level < options.levels.size(); ++level) {
    for (int i = 0; i < options.sine_layers; ++i) {
      const OnnxModule layer = network("siren_layers", static_cast<std::int64_t>(level))[std::to_string(i)];
      // What the last level adds up of positions, the pose and features is rounded by less than is seen.
      const bool is_last_level = level > 0 && level + 1 == options.levels.size();
      const SirenSums of_layer = i == 0 && is_last_level ? SirenSums::rounded : sums;
      const OnnxValue summed = i == 0 ? first_sums(layer, x, poses, options.levels[level].size, of_layer)
                                      : later_sums(layer, x, of_layer);
      const OnnxScope scope = layer.scope();
      x = activated(summed, of_layer, level);
    }
  }
  const OnnxValue outputs = sums == SirenSums::exact
                                ? as_float32(exact_convolution(network["last_linear"], x, as_float64))
                                : convolution(network["last_linear"], x);
  const OnnxScope scope = network.scope();
  const OnnxValue warped = apply_flow_exactly(images, channels_of(outputs, 0, 2));
  return warped + channels_of(outputs, 2, 1) * (channels_of(outputs, 3, 4) - warped);
}

OnnxValue vanilla_siren_body(const OnnxModule& network, const OnnxValue& poses) {
  return plain_siren(network["siren"], poses, kImageSize);
}

}  // namespace tha4
