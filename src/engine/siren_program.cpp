#include "siren_program.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include <torch/types.h>

#include "tha4/nn/blocks/sine_layer.h"

namespace tha4 {
namespace {

constexpr double kTurnsOfLayer = kSirenFrequency / (2 * std::numbers::pi);
constexpr std::int64_t kPosition = 2;  // inputs: x and y

/// A layer's "weight" as a matrix, or its "bias", in float64.
at::Tensor part_of(const StateDict& network, const std::string& layer, const char* part) {
  const at::Tensor tensor = network[layer + "." + part].to(torch::kCPU, torch::kFloat64);
  return tensor.dim() == 4 ? tensor.flatten(1) : tensor;
}

std::vector<float> to_vector(const at::Tensor& tensor, std::size_t size) {
  const at::Tensor values = tensor.to(torch::kFloat32).contiguous();
  std::vector<float> result(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  result.resize(size);
  return result;
}

/// \param features  inputs before x and y, which belong to the level before
FirstSineLayer make_first_layer(const StateDict& network, const std::string& layer, std::int64_t features) {
  const at::Tensor weights = part_of(network, layer, "weight") * kTurnsOfLayer;
  FirstSineLayer first;
  first.outputs = static_cast<int>(weights.size(0));
  const auto even = static_cast<std::size_t>(first.outputs + first.outputs % 2);
  first.of_x = to_vector(weights.select(1, features), even);
  first.of_y = to_vector(weights.select(1, features + 1), even);
  first.of_pose =
      weights.narrow(1, features + 2, weights.size(1) - features - 2).to(torch::kFloat32).contiguous();
  first.biases = (part_of(network, layer, "bias") * kTurnsOfLayer).to(torch::kFloat32);
  return first;
}

FixedPointLayer make_sine_layer(const StateDict& network, const std::string& layer) {
  return make_fixed_point_layer(part_of(network, layer, "weight") * kTurnsOfLayer,
                                part_of(network, layer, "bias") * kTurnsOfLayer);
}

FixedPointLayer make_output_layer(const StateDict& network, const std::string& layer) {
  return make_fixed_point_layer(part_of(network, layer, "weight"), part_of(network, layer, "bias"));
}

std::string layer_of(const std::string& list, int index) {
  return list + "." + std::to_string(index) + ".linear";
}

/// Those of \p list after the first.
void add_sine_layers(const StateDict& network, const std::string& list, SirenProgramLevel& level) {
  for (int i = 1; network.contains(layer_of(list, i) + ".weight"); ++i) {
    level.sine_layers.push_back(make_sine_layer(network, layer_of(list, i)));
  }
}

}  // namespace

FixedPointLayer make_fixed_point_layer(const at::Tensor& weights, const at::Tensor& biases) {
  const at::Tensor matrix = weights.to(torch::kFloat64).contiguous();
  const auto* const values = matrix.data_ptr<double>();
  FixedPointLayer layer;
  layer.outputs = static_cast<int>(matrix.size(0));
  const auto inputs = static_cast<int>(matrix.size(1));
  layer.inputs = inputs + inputs % 2;
  layer.panels = (layer.outputs + kPanelOutputs - 1) / kPanelOutputs;
  const auto outputs = static_cast<std::size_t>(layer.padded_outputs());
  layer.weights.resize(outputs * static_cast<std::size_t>(layer.inputs));
  layer.scales.resize(outputs);
  layer.biases = biases.defined() ? to_vector(biases, outputs) : std::vector<float>(outputs);
  for (int output = 0; output < layer.outputs; ++output) {
    const double* const row = values + static_cast<std::ptrdiff_t>(output) * inputs;
    double largest = std::numeric_limits<double>::min(), sum = largest;
    for (int i = 0; i < inputs; ++i) {
      largest = std::max(largest, std::abs(row[i]));
      sum += std::abs(row[i]);
    }
    // Each weight is rounded by less than 1 to either side.
    const double most =
        std::numeric_limits<std::int32_t>::max() / static_cast<double>(kFixedPointOne) - inputs;
    const double scale = std::min(std::numeric_limits<std::int16_t>::max() / largest, most / sum);
    layer.scales[static_cast<std::size_t>(output)] = static_cast<float>(1 / (scale * kFixedPointOne));
    const int panel = output / kPanelOutputs;
    for (int i = 0; i < inputs; ++i) {
      const int pair = panel * layer.inputs / 2 + i / 2;
      const int place = (pair * kPanelOutputs + output % kPanelOutputs) * 2 + i % 2;
      layer.weights[static_cast<std::size_t>(place)] = static_cast<std::int16_t>(std::lrint(row[i] * scale));
    }
  }
  return layer;
}

std::vector<float> FirstSineLayer::biases_of(const at::Tensor& pose) const {
  return to_vector(torch::addmv(biases, of_pose, pose), of_x.size());
}

SirenProgram make_siren_program(const StateDict& network, int size) {
  const std::string layers = "siren.sine_layers";
  SirenProgramLevel level;
  level.size = size;
  level.first = make_first_layer(network, layer_of(layers, 0), 0);
  add_sine_layers(network, layers, level);
  level.results = make_output_layer(network, "siren.last_linear");
  SirenProgram program;
  program.pose_size = static_cast<int>(level.first.of_pose.size(1));
  program.levels.push_back(std::move(level));
  return program;
}

SirenProgram make_siren_program(const StateDict& network, std::span<const int> sizes) {
  SirenProgram program;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::string layers = "siren_layers." + std::to_string(i);
    const at::Tensor first = part_of(network, layer_of(layers, 0), "weight");
    if (i == 0) program.pose_size = static_cast<int>(first.size(1)) - kPosition;
    const std::int64_t features = first.size(1) - kPosition - program.pose_size;
    if (i > 0) {
      program.levels.back().results =
          make_fixed_point_layer(first.narrow(1, 0, features) * kTurnsOfLayer, at::Tensor());
    }
    SirenProgramLevel level;
    level.size = i + 1 < sizes.size() ? sizes[i] : 0;
    level.first = make_first_layer(network, layer_of(layers, 0), features);
    add_sine_layers(network, layers, level);
    program.levels.push_back(std::move(level));
  }
  program.levels.back().results = make_output_layer(network, "last_linear");
  return program;
}

}  // namespace tha4
