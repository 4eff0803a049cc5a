#include "siren_program.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>

#include <torch/types.h>

#include "tha4/nn/blocks/sine_layer.h"

namespace tha4 {
namespace {

constexpr double kTurnsOfLayer = kSirenFrequency / (2 * std::numbers::pi);

std::vector<float> to_vector(const at::Tensor& tensor, std::size_t size) {
  const at::Tensor values = tensor.to(torch::kFloat32).contiguous();
  std::vector<float> result(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  result.resize(size);
  return result;
}

FirstSineLayer make_first_layer(const SirenMatrices& level) {
  FirstSineLayer first;
  first.outputs = level.outputs_of_first();
  const auto even = static_cast<std::size_t>(first.outputs + first.outputs % 2);
  const at::Tensor of_position = level.of_position * kTurnsOfLayer;
  first.of_x = to_vector(of_position.select(1, 0), even);
  first.of_y = to_vector(of_position.select(1, 1), even);
  first.of_pose = (level.of_pose * kTurnsOfLayer).to(torch::kFloat32).contiguous();
  first.biases = (level.biases * kTurnsOfLayer).to(torch::kFloat32);
  return first;
}

/// A layer without weights yet.
FixedPointLayer make_empty_layer(std::int64_t outputs, std::int64_t inputs, const at::Tensor& biases) {
  FixedPointLayer layer;
  layer.inputs = static_cast<int>(inputs + inputs % 2);
  layer.panels = static_cast<int>((outputs + kPanelOutputs - 1) / kPanelOutputs);
  const auto padded = static_cast<std::size_t>(layer.padded_outputs());
  layer.weights.resize(padded * static_cast<std::size_t>(layer.inputs));
  layer.scales.resize(padded);
  layer.biases = biases.defined() ? to_vector(biases, padded) : std::vector<float>(padded);
  return layer;
}

/// Sets the weights of an output to \p row times \p scale.
void set_weights(FixedPointLayer& layer, int output, std::span<const double> row, double scale) {
  layer.scales[static_cast<std::size_t>(output)] = static_cast<float>(1 / (scale * kFixedPointOne));
  const int panel = output / kPanelOutputs;
  for (int i = 0; std::cmp_less(i, row.size()); ++i) {
    const int pair = panel * layer.inputs / 2 + i / 2;
    const int place = (pair * kPanelOutputs + output % kPanelOutputs) * 2 + i % 2;
    layer.weights[static_cast<std::size_t>(place)] =
        static_cast<std::int16_t>(std::lrint(row[static_cast<std::size_t>(i)] * scale));
  }
}

double largest_size(std::span<const double> row) {
  double largest = std::numeric_limits<double>::min();
  for (const double value : row) largest = std::max(largest, std::abs(value));
  return largest;
}

std::span<const double> row_of(const at::Tensor& matrix, std::int64_t row) {
  return {matrix.data_ptr<double>() + row * matrix.size(1), static_cast<std::size_t>(matrix.size(1))};
}

constexpr double kMaxWeight = std::numeric_limits<std::int16_t>::max();

}  // namespace

FixedPointLayer make_turns_layer(const at::Tensor& weights, const at::Tensor& biases) {
  constexpr double kOneTurn = 4294967296.0;  // all that 32 bits can hold
  const at::Tensor matrix = weights.contiguous();
  FixedPointLayer layer = make_empty_layer(matrix.size(0), matrix.size(1), biases);
  for (int output = 0; output < matrix.size(0); ++output) {
    const std::span<const double> row = row_of(matrix, output);
    double scale = kOneTurn / kFixedPointOne;
    while (largest_size(row) * scale > kMaxWeight) scale /= 2;
    set_weights(layer, output, row, scale);
  }
  return layer;
}

std::vector<FixedPointLayer> make_sum_layer(const at::Tensor& weights, const at::Tensor& biases) {
  constexpr std::int64_t kPartInputs = 64;
  std::vector<FixedPointLayer> parts;
  for (std::int64_t first = 0; first < weights.size(1); first += kPartInputs) {
    const std::int64_t inputs = std::min(kPartInputs, weights.size(1) - first);
    const at::Tensor matrix = weights.narrow(1, first, inputs).contiguous();
    FixedPointLayer layer = make_empty_layer(matrix.size(0), inputs, first == 0 ? biases : at::Tensor());
    layer.first_input = static_cast<int>(first);
    for (int output = 0; output < matrix.size(0); ++output) {
      const std::span<const double> row = row_of(matrix, output);
      double sum = std::numeric_limits<double>::min();
      for (const double value : row) sum += std::abs(value);
      // Each weight is rounded by less than 1 to either side.
      const double largest_sum =
          static_cast<double>(std::numeric_limits<std::int32_t>::max()) / kFixedPointOne -
          static_cast<double>(inputs);
      set_weights(layer, output, row, std::min(kMaxWeight / largest_size(row), largest_sum / sum));
    }
    parts.push_back(std::move(layer));
  }
  return parts;
}

void FirstSineLayer::biases_of(const float* pose, std::vector<float>& values) const {
  const float* weights = of_pose.data_ptr<float>();
  for (int output = 0; output < outputs; ++output, weights += of_pose.size(1)) {
    const float bias = biases.data_ptr<float>()[output];
    values[static_cast<std::size_t>(output)] =
        std::inner_product(weights, weights + of_pose.size(1), pose, bias);
  }
}

SirenProgram make_siren_program(std::span<const SirenMatrices> levels) {
  SirenProgram program;
  program.pose_size = levels.front().pose_size();
  for (const SirenMatrices& matrices : levels) {
    SirenProgramLevel level;
    level.size = matrices.size;
    level.first = make_first_layer(matrices);
    for (const LinearLayer& layer : matrices.sine_layers) {
      level.sine_layers.push_back(
          make_turns_layer(layer.weights * kTurnsOfLayer, layer.biases * kTurnsOfLayer));
    }
    const bool is_last = &matrices == &levels.back();
    level.results =
        make_sum_layer(matrices.results.weights * (is_last ? 1 : kTurnsOfLayer), matrices.results.biases);
    program.levels.push_back(std::move(level));
  }
  return program;
}

SirenProgram body_program(const torch::nn::Module& network, SirenResolution resolution) {
  return make_siren_program(siren_matrices(state_dict_of(network), resolution));
}

}  // namespace tha4
