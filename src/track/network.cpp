#include "network.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "four.h"
#include "model_file.h"
#include "network_kernels.h"
#include "region_layers.h"

#include "tha4/track/face_points.h"

namespace tha4 {
namespace {

constexpr std::uint32_t kMaxInput = 512, kMaxLayers = 1000, kMaxChannels = 4096, kMaxOutputs = 16;
constexpr std::size_t kMaxNumbers = 1 << 24;  ///< of a result

/// A result: [height][width][padded channels]. What pads is 0, or is multiplied by 0.
struct Result {
  int height = 0, width = 0, channels = 0;
  std::vector<float> values;

  Result(int height_, int width_, int channels_) : height(height_), width(width_), channels(channels_) {
    const std::size_t places = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    const std::size_t count = places * static_cast<std::size_t>(padded());
    if (count == 0 || count > kMaxNumbers) refuse_models("a layer's result is out of range");
    values.resize(count);
  }
  int padded() const { return padded_channels(channels); }
  /// A list of numbers, which lie in memory without padding.
  bool is_list() const { return height == 1 && width == 1; }
};

struct NetworkLayer {
  LayerKind kind{};
  int from = 0, with = -1;  ///< results
  int kernel = 1, stride = 1, before = 0;
  ProductWeights product;
  std::vector<float> depthwise, depthwise_biases;
  FaceRegion region;
  RegionMatrix matrix{};      ///< of a region, as it was found last
  std::vector<float> scales;  ///< of a transformation's matrix
};

/// The places of a convolution's result along one side.
int places_of(int size, const NetworkLayer& layer, bool same) {
  return same ? (size + layer.stride - 1) / layer.stride : (size - layer.kernel) / layer.stride + 1;
}

/// Of the windows' places beyond a side's ends, those before it.
int before_of(int size, const NetworkLayer& layer, bool same) {
  if (!same) return 0;
  const int beyond = (places_of(size, layer, same) - 1) * layer.stride + layer.kernel - size;
  return std::max(beyond, 0) / 2;
}

}  // namespace

struct Network::State {
  struct Output {
    int result = 0;
    std::vector<int> points;
  };

  std::vector<Result> results;
  std::vector<NetworkLayer> layers;
  std::vector<Output> outputs;
  std::vector<float> scratch;

  const Result& result(int index) const { return results[static_cast<std::size_t>(index)]; }

  int result_number(std::uint32_t number) const {
    if (number >= results.size()) refuse_models("a layer takes what comes behind it");
    return static_cast<int>(number);
  }

  void read_layer(ModelReader& models, const LayerWords& words);
  void read_convolution(ModelReader& models, const LayerWords& words, NetworkLayer& layer);
  void run_layer(NetworkLayer& layer, Result& out);
  void run_convolution(const NetworkLayer& layer, Result& out);
  void run_separable(const NetworkLayer& layer, Result& out);
  void run_transform(const NetworkLayer& layer, Result& out) const;
  /// The matrix of the layer that gave \p number.
  const RegionMatrix& matrix_of(int number) const {
    return layers[static_cast<std::size_t>(number) - 1].matrix;
  }
};

void Network::State::read_convolution(ModelReader& models, const LayerWords& words, NetworkLayer& layer) {
  const Result& from = result(layer.from);
  const bool is_separable = words.kind == LayerKind::separable;
  if (words.outputs == 0 || words.outputs > kMaxChannels || words.kernel == 0 || words.kernel > 9 ||
      words.stride == 0 || words.stride > 4 || words.same > 1 || words.has_slopes > 1 ||
      (is_separable && (words.kernel != 3 || words.same != 1 || words.stride > 2))) {
    refuse_models("a convolution is of no known form");
  }
  const auto channels_out = static_cast<int>(words.outputs);
  layer.kernel = static_cast<int>(words.kernel);
  layer.stride = static_cast<int>(words.stride);
  const bool same = words.same == 1;
  if (!same && (from.height < layer.kernel || from.width < layer.kernel)) {
    refuse_models("a convolution is larger than what it sees");
  }
  if (from.height != from.width) refuse_models("a map is no square");
  layer.before = before_of(from.width, layer, same);
  const int size = places_of(from.width, layer, same);
  const auto channels = static_cast<std::size_t>(from.channels);
  if (is_separable) {
    const std::vector<float> filters = models.weights(channels, 9);
    layer.depthwise.resize(9 * static_cast<std::size_t>(from.padded()));
    for (std::size_t i = 0; i < filters.size(); ++i) {
      layer.depthwise[i % 9 * static_cast<std::size_t>(from.padded()) + i / 9] = filters[i];
    }
    layer.depthwise_biases = models.reals(channels);
    layer.depthwise_biases.resize(static_cast<std::size_t>(from.padded()));
  }
  const int places = is_separable ? 1 : layer.kernel * layer.kernel;
  const std::vector<float> weights =
      models.weights(words.outputs, static_cast<std::size_t>(places) * channels);
  const std::vector<float> biases = models.reals(words.outputs);
  const std::vector<float> slopes =
      words.has_slopes == 1 ? models.reals(words.outputs) : std::vector<float>();
  layer.product = pack_product(weights, biases, slopes, channels_out, places, from.channels);
  if (words.with != kNoResult) {
    layer.with = result_number(words.with);
    const Result& added = result(layer.with);
    if (added.height != size || added.width != size || added.channels > channels_out) {
      refuse_models("what a convolution adds is of another size");
    }
  }
  results.emplace_back(size, size, channels_out);
}

void Network::State::read_layer(ModelReader& models, const LayerWords& words) {
  NetworkLayer layer;
  layer.kind = words.kind;
  layer.from = result_number(words.from);
  const Result from(result(layer.from).height, result(layer.from).width, result(layer.from).channels);
  const auto with_matrix = [&] {
    layer.with = result_number(words.with);
    if (layer.with == 0 || layers[static_cast<std::size_t>(layer.with) - 1].kind != LayerKind::matrix) {
      refuse_models("a region has no matrix");
    }
  };
  switch (words.kind) {
    case LayerKind::convolution:
    case LayerKind::separable:
      read_convolution(models, words, layer);
      break;
    case LayerKind::pool:
      if (from.height % 2 != 0 || from.width % 2 != 0) refuse_models("a map of odd sides is pooled");
      results.emplace_back(from.height / 2, from.width / 2, from.channels);
      break;
    case LayerKind::matrix: {
      const std::uint32_t points = static_cast<std::uint32_t>(from.channels) / 3;
      if (!from.is_list() || words.with >= points || words.outputs >= points || words.kernel == 0 ||
          words.kernel > kMaxChannels || words.stride == 0 || words.stride > kMaxInput) {
        refuse_models("a region is of no known form");
      }
      layer.region.left = static_cast<int>(words.with);
      layer.region.right = static_cast<int>(words.outputs);
      layer.region.side = static_cast<int>(words.stride);
      layer.region.scale = models.real();
      layer.region.larger_x = models.real();
      layer.region.larger_y = models.real();
      layer.region.points = models.indices(words.kernel, static_cast<int>(points) - 1);
      results.emplace_back(1, 1, 8);
      break;
    }
    case LayerKind::crop:
      with_matrix();
      if (words.outputs == 0 || words.outputs > kMaxInput) refuse_models("a crop is of no known form");
      results.emplace_back(static_cast<int>(words.outputs), static_cast<int>(words.outputs), from.channels);
      break;
    case LayerKind::transform:
      with_matrix();
      if (!from.is_list() || from.channels % 2 != 0) refuse_models("points are of no known form");
      layer.scales = models.reals(8);
      results.emplace_back(1, 1, from.channels);
      break;
    default:
      refuse_models("a layer is of no known kind");
  }
  layers.push_back(std::move(layer));
}

void Network::State::run_convolution(const NetworkLayer& layer, Result& out) {
  const Result& from = result(layer.from);
  const float* const added = layer.with < 0 ? nullptr : result(layer.with).values.data();
  const int added_channels = layer.with < 0 ? 0 : result(layer.with).padded();
  const int channels = from.padded();
  const int places = out.height * out.width;
  if (layer.kernel == 1 && layer.stride == 1) {
    multiply(layer.product, from.values.data(), places, added, added_channels, out.values.data());
    return;
  }
  scratch.resize(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(layer.product.inputs));
  for (int y = 0; y < out.height; ++y) {
    float* window = scratch.data();
    for (int x = 0; x < out.width; ++x) {
      for (int row = 0; row < layer.kernel; ++row) {
        const int from_y = y * layer.stride - layer.before + row;
        for (int column = 0; column < layer.kernel; ++column, window += channels) {
          const int from_x = x * layer.stride - layer.before + column;
          if (from_y < 0 || from_y >= from.height || from_x < 0 || from_x >= from.width) {
            std::fill(window, window + channels, 0.0F);
            continue;
          }
          const float* const place =
              from.values.data() + (static_cast<std::ptrdiff_t>(from_y) * from.width + from_x) * channels;
          std::copy(place, place + channels, window);
        }
      }
    }
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(y) * out.width;
    multiply(layer.product, scratch.data(), out.width,
             added == nullptr ? nullptr : added + first * added_channels, added_channels,
             out.values.data() + first * out.padded());
  }
}

void Network::State::run_separable(const NetworkLayer& layer, Result& out) {
  const Result& from = result(layer.from);
  const float* const added = layer.with < 0 ? nullptr : result(layer.with).values.data();
  const int added_channels = layer.with < 0 ? 0 : result(layer.with).padded();
  const int channels = from.padded();
  constexpr int kPlaces = 64;  // about as many as are multiplied at once
  const int rows_at_once = std::min(out.height, (kPlaces + out.width - 1) / out.width);
  const std::ptrdiff_t row_size = static_cast<std::ptrdiff_t>(out.width) * channels;
  scratch.resize(static_cast<std::size_t>(rows_at_once * row_size));
  for (int y = 0; y < out.height; y += rows_at_once) {
    const int rows = std::min(rows_at_once, out.height - y);
    for (int row = 0; row < rows; ++row) {
      depthwise_row(from.values.data(), from.height, from.width, channels, layer.depthwise.data(),
                    layer.depthwise_biases.data(), y + row, layer.stride, layer.before, out.width,
                    scratch.data() + row * row_size);
    }
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(y) * out.width;
    multiply(layer.product, scratch.data(), rows * out.width,
             added == nullptr ? nullptr : added + first * added_channels, added_channels,
             out.values.data() + first * out.padded());
  }
}

/// Two of each row of a matrix 4x4, of which the third has no meaning here, are scaled by `scales`.
void Network::State::run_transform(const NetworkLayer& layer, Result& out) const {
  const RegionMatrix& matrix = matrix_of(layer.with);
  const std::vector<float>& scales = layer.scales;
  const std::vector<float>& from = result(layer.from).values;
  for (std::size_t i = 0; i + 1 < static_cast<std::size_t>(out.channels); i += 2) {
    out.values[i] =
        matrix[0] * scales[0] * from[i] + matrix[1] * scales[1] * from[i + 1] + matrix[2] * scales[3];
    out.values[i + 1] =
        matrix[3] * scales[4] * from[i] + matrix[4] * scales[5] * from[i + 1] + matrix[5] * scales[7];
  }
}

void Network::State::run_layer(NetworkLayer& layer, Result& out) {
  const Result& from = result(layer.from);
  switch (layer.kind) {
    case LayerKind::convolution:
      run_convolution(layer, out);
      break;
    case LayerKind::separable:
      run_separable(layer, out);
      break;
    case LayerKind::pool:
      pool_map(from.values.data(), from.height, from.width, from.padded(), out.values.data());
      break;
    case LayerKind::matrix:
      layer.matrix = region_matrix(layer.region, from.values);
      break;
    case LayerKind::crop:
      crop_map(from.values.data(), from.height, from.width, from.padded(), matrix_of(layer.with), out.height,
               out.values.data());
      break;
    case LayerKind::transform:
      run_transform(layer, out);
      break;
  }
}

Network::Network(ModelReader& models) : state_(std::make_unique<State>()) {
  const int size = models.number(1, kMaxInput);
  const int layers = models.number(1, kMaxLayers);
  const int outputs = models.number(1, kMaxOutputs);
  std::vector<LayerWords> table;
  table.reserve(static_cast<std::size_t>(layers));
  for (int i = 0; i < layers; ++i) table.push_back(models.layer());
  state_->results.emplace_back(size, size, 3);
  for (const LayerWords& words : table) state_->read_layer(models, words);
  for (int i = 0; i < outputs; ++i) {
    State::Output output;
    output.result = state_->result_number(models.word());
    const int points = models.number(0, kFacePoints);
    output.points = models.indices(static_cast<std::size_t>(points), kFacePoints - 1);
    state_->outputs.push_back(std::move(output));
  }
}

Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

int Network::input_size() const {
  return state_->results.front().width;
}

std::span<float> Network::input() {
  return state_->results.front().values;
}

void Network::run() {
  for (std::size_t i = 0; i < state_->layers.size(); ++i) {
    state_->run_layer(state_->layers[i], state_->results[i + 1]);
  }
}

int Network::outputs() const {
  return static_cast<int>(state_->outputs.size());
}

std::size_t Network::output_count(int index) const {
  const Result& result = state_->result(state_->outputs[static_cast<std::size_t>(index)].result);
  return static_cast<std::size_t>(result.height) * static_cast<std::size_t>(result.width) *
         static_cast<std::size_t>(result.channels);
}

std::vector<float> Network::output(int index) const {
  const Result& result = state_->result(state_->outputs[static_cast<std::size_t>(index)].result);
  std::vector<float> values;
  values.reserve(output_count(index));
  for (auto place = result.values.begin(); place != result.values.end(); place += result.padded()) {
    values.insert(values.end(), place, place + result.channels);
  }
  return values;
}

const std::vector<int>& Network::output_points(int index) const {
  return state_->outputs[static_cast<std::size_t>(index)].points;
}

}  // namespace tha4
