#include "blend_program.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <torch/types.h>

#include "tha4/poser/usual_weights.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

constexpr int kMaxInteger = 127;
constexpr double kLargestWeight = 32767;

int whole(std::int64_t count, int unit) {
  return static_cast<int>((count + unit - 1) / unit * unit);
}

at::Tensor plain(const at::Tensor& tensor) {
  return tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
}

std::vector<float> padded_values(const at::Tensor& tensor, int size) {
  const at::Tensor values = plain(tensor);
  std::vector<float> result(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  result.resize(static_cast<std::size_t>(size));
  return result;
}

/// \param weights  [outputs, inputs]
/// \param biases   [outputs]
BlendLayer make_layer(const at::Tensor& weights, const at::Tensor& biases) {
  const at::Tensor matrix = plain(weights);
  const std::int64_t outputs = matrix.size(0), inputs = matrix.size(1);
  BlendLayer layer;
  layer.inputs = whole(inputs, kBlendInputs);
  layer.outputs = whole(outputs, kBlendOutputs);
  layer.weights.resize(static_cast<std::size_t>(layer.inputs) * layer.outputs);
  layer.biases = padded_values(biases, layer.outputs);
  layer.scales.resize(static_cast<std::size_t>(layer.outputs));
  for (std::int64_t output = 0; output < outputs; ++output) {
    const float* const row = matrix.data_ptr<float>() + output * inputs;
    double largest = 0;
    for (std::int64_t i = 0; i < inputs; ++i) largest = std::max(largest, std::abs(double{row[i]}));
    if (largest == 0) continue;
    layer.scales[static_cast<std::size_t>(output)] = static_cast<float>(largest / kLargestWeight);
    std::int16_t* const place =
        layer.weights.data() +
        static_cast<std::ptrdiff_t>(output / kBlendOutputs) * layer.inputs * kBlendOutputs +
        output % kBlendOutputs;
    for (std::int64_t i = 0; i < inputs; ++i) {
      place[i * kBlendOutputs] = static_cast<std::int16_t>(std::lrint(row[i] / largest * kLargestWeight));
    }
  }
  return layer;
}

/// An MLP, taken apart.
struct MlpParts {
  BlendHiddenLayers hidden;
  at::Tensor last_weights, last_biases;  ///< [outputs, inputs], [outputs], times the scale of outputs
};

MlpParts take_apart(const BlendWeightsImpl& mlp) {
  const StateDict state = state_dict_of(mlp);
  const auto layer = [](int index, const char* part) {
    return "layers." + std::to_string(index) + "." + part;
  };
  MlpParts parts;
  parts.hidden.input_scale = padded_values(mlp.input_scale, static_cast<int>(mlp.input_scale.numel()));
  int last = 0;
  while (state.contains(layer(last + 1, "weight"))) {
    parts.hidden.layers.push_back(make_layer(state[layer(last, "weight")], state[layer(last, "bias")]));
    ++last;
  }
  parts.last_weights = plain(state[layer(last, "weight")]) * plain(mlp.output_scale);
  parts.last_biases = plain(state[layer(last, "bias")]) * plain(mlp.output_scale);
  return parts;
}

/// A basis of 8 bits before it lies beside others.
struct SingleBasis {
  std::vector<std::int8_t> integers;
  float step = 0;
  int weight_of = 0;
  double usual_size = 0;  ///< of what it adds
};

/// Rounds \p values to a basis of 8 bits, and leaves in them what that left.
SingleBasis round_off(std::vector<float>& values, int weight_of, double usual_weight) {
  SingleBasis basis{.integers = std::vector<std::int8_t>(values.size()), .weight_of = weight_of};
  double largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(double{value}));
  if (!(largest > std::numeric_limits<float>::min() * kMaxInteger)) return basis;
  basis.step = static_cast<float>(largest / kMaxInteger);
  basis.usual_size = usual_weight * largest;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto integer = std::clamp<long>(std::lrint(values[i] / basis.step), -kMaxInteger, kMaxInteger);
    basis.integers[i] = static_cast<std::int8_t>(integer);
    values[i] -= static_cast<float>(integer) * basis.step;
  }
  return basis;
}

/// \param rows   [bases, values]
/// \param usual  mean squares of their weights, [bases]
std::vector<SingleBasis> round_all(const at::Tensor& rows, const at::Tensor& usual, double tolerance) {
  std::vector<SingleBasis> bases;
  for (int i = 0; i < rows.size(0); ++i) {
    std::vector<float> values = padded_values(rows[i], static_cast<int>(rows.size(1)));
    const double usual_weight = std::sqrt(usual[i].item<double>());
    SingleBasis first = round_off(values, i, usual_weight);
    if (first.step == 0) continue;
    const double rounding = usual_weight * first.step / std::sqrt(12.0);
    bases.push_back(std::move(first));
    if (rounding <= tolerance) continue;
    SingleBasis second = round_off(values, i, usual_weight);
    if (second.step > 0) bases.push_back(std::move(second));
  }
  // Those that will be left out together are neighbours.
  std::ranges::stable_sort(bases, std::ranges::greater(), &SingleBasis::usual_size);
  return bases;
}

/// \param mean  undefined for none
BlendBasis make_basis(const at::Tensor& rows, const at::Tensor& usual, const at::Tensor& mean,
                      double tolerance) {
  BlendBasis basis;
  basis.values = whole(rows.size(1), kBlendChunk);
  // Errors of bases are independent of each other.
  const double error = tolerance / std::sqrt(static_cast<double>(rows.size(0)));
  const std::vector<SingleBasis> bases = round_all(plain(rows), usual, error);
  basis.negligible = static_cast<float>(error);
  basis.pairs = static_cast<int>((bases.size() + 1) / 2);
  basis.steps.resize(static_cast<std::size_t>(basis.pairs) * 2);
  basis.weight_of.resize(static_cast<std::size_t>(basis.pairs) * 2);
  basis.integers.resize(static_cast<std::size_t>(basis.values) * basis.pairs * 2);
  basis.mean = mean.defined() ? padded_values(mean, basis.values)
                              : std::vector<float>(static_cast<std::size_t>(basis.values));
  for (std::size_t i = 0; i < bases.size(); ++i) {
    basis.steps[i] = bases[i].step;
    basis.weight_of[i] = bases[i].weight_of;
    for (std::size_t value = 0; value < bases[i].integers.size(); ++value) {
      const std::size_t pair = value / kBlendChunk * static_cast<std::size_t>(basis.pairs) + i / 2;
      basis.integers[(pair * kBlendChunk + value % kBlendChunk) * 2 + i % 2] = bases[i].integers[value];
    }
  }
  return basis;
}

}  // namespace

int BlendHiddenLayers::width() const {
  int width = whole(static_cast<std::int64_t>(input_scale.size()), kBlendInputs);
  for (const BlendLayer& layer : layers) width = std::max(width, layer.outputs);
  return width;
}

float weigh_pairs(const BlendBasis& basis, const float* weights, std::vector<WeightedPair>& pairs) {
  const auto scaled = [&](int i) {
    return weights[basis.weight_of[static_cast<std::size_t>(i)]] * basis.steps[static_cast<std::size_t>(i)];
  };
  pairs.clear();
  float largest = 0;
  for (int pair = 0; pair < basis.pairs; ++pair) {
    const float size = std::max(std::abs(scaled(2 * pair)), std::abs(scaled(2 * pair + 1)));
    if (!(size * kMaxInteger > basis.negligible)) continue;  // also where it is not a number
    pairs.push_back({.pair = pair, .weights = 0});
    largest = std::max(largest, size);
  }
  if (pairs.empty()) return 0;
  // So that 32 bits hold any sum.
  const double limit = 4294967296.0 / 4 / kMaxInteger / static_cast<double>(pairs.size());
  const float step = largest / static_cast<float>(std::min(kLargestWeight, limit));
  for (WeightedPair& pair : pairs) {
    const auto integer = [&](int i) {
      return static_cast<std::uint32_t>(static_cast<std::uint16_t>(std::lrint(scaled(i) / step)));
    };
    pair.weights = static_cast<std::int32_t>(integer(2 * pair.pair) | integer(2 * pair.pair + 1) << 16);
  }
  return step;
}

TiledBlendProgram make_blend_program(TiledBlendshapeImpl& map, double tolerance) {
  const TiledBlendshapeOptions& options = map.options();
  MlpParts parts = take_apart(*map.weights);
  const at::Tensor usual = usual_weights(*map.weights);
  TiledBlendProgram program{.channels = options.channels,
                            .size = options.size,
                            .tile_size = options.tile_size,
                            .hidden = std::move(parts.hidden),
                            .tiles = {},
                            .mean = plain(map.mean),
                            .negligible = static_cast<float>(tolerance)};
  const int side = options.tile_size, across = options.size / side;
  const at::Tensor places = map.tiles.cpu();
  for (int i = 0; i < options.tiles; ++i) {
    const auto place = static_cast<int>(places[i].item<std::int64_t>());
    BlendTile tile{.x = place % across * side, .y = place / across * side, .weights = {}, .basis = {}};
    const int first = i * options.basis_size;
    tile.weights = make_layer(parts.last_weights.narrow(0, first, options.basis_size),
                              parts.last_biases.narrow(0, first, options.basis_size));
    tile.basis =
        make_basis(map.basis[i], usual.narrow(0, first, options.basis_size),
                   program.mean.narrow(1, tile.y, side).narrow(2, tile.x, side).flatten(), tolerance);
    program.tiles.push_back(std::move(tile));
  }
  return program;
}

FaceBlendProgram make_blend_program(BlendshapeFaceMorpherImpl& face) {
  FaceBlendProgram program{.mean = plain(face.mean), .regions = {}};
  for (std::size_t i = 0; i < face.region_count(); ++i) {
    BlendshapeRegion region = face.region(i);
    MlpParts parts = take_apart(*region->weights);
    BlendRegion made;
    const at::Tensor pixels = region->pixels.cpu();
    for (int pixel = 0; pixel < pixels.size(0); ++pixel) {
      made.pixels.push_back(static_cast<int>(pixels[pixel].item<std::int64_t>()));
    }
    made.hidden = std::move(parts.hidden);
    made.weights = make_layer(parts.last_weights, parts.last_biases);
    made.basis = make_basis(region->basis, usual_weights(*region->weights), {}, kColorTolerance);
    program.regions.push_back(std::move(made));
  }
  return program;
}

}  // namespace tha4
