#include "siren_matrices.h"

#include <string>
#include <utility>

#include <torch/types.h>

#include "tha4/nn/blocks/weight_shapes.h"

namespace tha4 {
namespace {

constexpr std::int64_t kPosition = 2;  // inputs: x and y

/// A layer's "weight" as a matrix, or its "bias", in float64.
at::Tensor part_of(const StateDict& network, const std::string& layer, const char* part) {
  const at::Tensor tensor = network[layer + "." + part].to(torch::kCPU, torch::kFloat64);
  return tensor.dim() == 4 ? tensor.flatten(1) : tensor;
}

LinearLayer linear_layer(const StateDict& network, const std::string& layer) {
  return {part_of(network, layer, "weight"), part_of(network, layer, "bias")};
}

std::string layer_of(const std::string& list, int index) {
  return list + "." + std::to_string(index) + ".linear";
}

/// The sine layers of \p list, without results.
/// \param features  inputs of the first one before x and y, which belong to the level before
SirenMatrices sine_layers_of(const StateDict& network, const std::string& list, std::int64_t features) {
  SirenMatrices level;
  const LinearLayer first = linear_layer(network, layer_of(list, 0));
  const std::int64_t pose = features + kPosition;
  level.of_position = first.weights.narrow(1, features, kPosition);
  level.of_pose = first.weights.narrow(1, pose, first.weights.size(1) - pose);
  level.biases = first.biases;
  for (int i = 1; network.contains(layer_of(list, i) + ".weight"); ++i) {
    level.sine_layers.push_back(linear_layer(network, layer_of(list, i)));
  }
  return level;
}

}  // namespace

std::vector<SirenMatrices> siren_matrices(const StateDict& network, int size) {
  SirenMatrices level = sine_layers_of(network, "siren.sine_layers", 0);
  level.size = size;
  level.results = linear_layer(network, "siren.last_linear");
  return {std::move(level)};
}

std::vector<SirenMatrices> siren_matrices(const StateDict& network, SirenResolution resolution) {
  const SirenBodyRotatorOptions options =
      siren_body_options_of(WeightShapes(network, "the body rotator"), resolution);
  std::vector<SirenMatrices> levels;
  for (std::size_t i = 0; i < options.levels.size(); ++i) {
    const std::string layers = "siren_layers." + std::to_string(i);
    std::int64_t features = 0;
    if (i > 0) {
      const at::Tensor first = part_of(network, layer_of(layers, 0), "weight");
      features = first.size(1) - kPosition - levels.front().pose_size();
      levels.back().results = {first.narrow(1, 0, features), {}};
    }
    levels.push_back(sine_layers_of(network, layers, features));
    levels.back().size = i + 1 < options.levels.size() ? options.levels[i].size : 0;
  }
  levels.back().results = linear_layer(network, "last_linear");
  return levels;
}

}  // namespace tha4
