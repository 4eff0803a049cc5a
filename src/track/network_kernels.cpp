#include "network_kernels.h"

#include <cstddef>

#include "four.h"

namespace tha4 {
namespace {

constexpr int kBlock = 8;  ///< outputs that are calculated at once

int blocks_of(int outputs) {
  return (outputs + kBlock - 1) / kBlock;
}

/// Eight outputs of kPlaces places, whose sums stay in registers.
template <int kPlaces>
void multiply_block(const ProductWeights& product, int block, const float* in, const float* added,
                    int added_channels, float* out) {
  const std::size_t first = static_cast<std::size_t>(block) * kBlock;
  const float* weights = product.weights.data() + first * static_cast<std::size_t>(product.inputs);
  Four sums[kPlaces][2];
  for (int place = 0; place < kPlaces; ++place) {
    sums[place][0] = load_four(product.biases.data() + first);
    sums[place][1] = load_four(product.biases.data() + first + 4);
  }
  for (int i = 0; i < product.inputs; ++i, weights += kBlock) {
    const Four left = load_four(weights), right = load_four(weights + 4);
    for (int place = 0; place < kPlaces; ++place) {
      const Four value = fill_four(in[static_cast<std::ptrdiff_t>(place) * product.inputs + i]);
      sums[place][0] += left * value;
      sums[place][1] += right * value;
    }
  }
  for (int half = 0; half < 2; ++half) {
    const int channel = static_cast<int>(first) + 4 * half;
    if (channel >= product.outputs) break;
    for (int place = 0; place < kPlaces; ++place) {
      Four value = sums[place][half];
      if (channel < added_channels) {
        value += load_four(added + static_cast<std::ptrdiff_t>(place) * added_channels + channel);
      }
      if (!product.slopes.empty()) {
        value = value > 0 ? value : value * load_four(product.slopes.data() + channel);
      }
      store_four(out + static_cast<std::ptrdiff_t>(place) * product.outputs + channel, value);
    }
  }
}

template <int kPlaces>
void multiply_places(const ProductWeights& product, const float* in, const float* added, int added_channels,
                     float* out) {
  for (int block = 0; block < blocks_of(product.outputs); ++block) {
    multiply_block<kPlaces>(product, block, in, added, added_channels, out);
  }
}

/// The sum over the windows's places that are within the map.
Four edge_sum(const float* map, int height, int width, int channels, const float* weights, Four sum, int top,
              int left) {
  for (int row = 0; row < 3; ++row) {
    if (top + row < 0 || top + row >= height) continue;
    for (int column = 0; column < 3; ++column) {
      if (left + column < 0 || left + column >= width) continue;
      const std::ptrdiff_t place = static_cast<std::ptrdiff_t>(top + row) * width + left + column;
      sum += load_four(map + place * channels) *
             load_four(weights + static_cast<std::ptrdiff_t>(3 * row + column) * channels);
    }
  }
  return sum;
}

}  // namespace

ProductWeights pack_product(const std::vector<float>& weights, const std::vector<float>& biases,
                            const std::vector<float>& slopes, int outputs, int places, int channels) {
  ProductWeights product;
  const int padded = padded_channels(channels);
  product.inputs = places * padded;
  product.outputs = padded_channels(outputs);
  const std::size_t rows = static_cast<std::size_t>(blocks_of(outputs)) * kBlock;
  product.weights.resize(rows * static_cast<std::size_t>(product.inputs));
  product.biases = biases;
  product.biases.resize(rows);
  product.slopes = slopes;
  if (!slopes.empty()) product.slopes.resize(rows);
  const float* weight = weights.data();
  for (int output = 0; output < outputs; ++output) {
    float* const block =
        product.weights.data() + static_cast<std::ptrdiff_t>(output / kBlock) * product.inputs * kBlock;
    for (int place = 0; place < places; ++place) {
      for (int channel = 0; channel < channels; ++channel) {
        block[static_cast<std::ptrdiff_t>(place * padded + channel) * kBlock + output % kBlock] = *weight++;
      }
    }
  }
  return product;
}

void multiply(const ProductWeights& product, const float* in, int places, const float* added,
              int added_channels, float* out) {
  if (added == nullptr) added_channels = 0;
  constexpr int kPlaces = 4;
  int place = 0;
  const auto step = [&](auto function, int count) {
    const auto at = static_cast<std::ptrdiff_t>(place);
    function(product, in + at * product.inputs, added == nullptr ? nullptr : added + at * added_channels,
             added_channels, out + at * product.outputs);
    place += count;
  };
  while (place + kPlaces <= places) step(multiply_places<kPlaces>, kPlaces);
  switch (places - place) {
    case 3:
      step(multiply_places<3>, 3);
      break;
    case 2:
      step(multiply_places<2>, 2);
      break;
    case 1:
      step(multiply_places<1>, 1);
      break;
    default:
      break;
  }
}

void depthwise_row(const float* map, int height, int width, int channels, const float* weights,
                   const float* biases, int y, int stride, int before, int out_width, float* out) {
  const int top = y * stride - before;
  const bool is_edge_row = top < 0 || top + 3 > height;
  // Windows from here to there lie within the row.
  const int first = is_edge_row ? out_width : (before + stride - 1) / stride;
  const int behind = is_edge_row || width + before < 3 ? first : (width + before - 3) / stride + 1;
  for (int channel = 0; channel < channels; channel += 4) {
    const Four bias = load_four(biases + channel);
    Four factors[9];
    for (int i = 0; i < 9; ++i)
      factors[i] = load_four(weights + static_cast<std::ptrdiff_t>(i) * channels + channel);
    for (int x = 0; x < out_width; ++x) {
      float* const result = out + static_cast<std::ptrdiff_t>(x) * channels + channel;
      const int left = x * stride - before;
      if (x < first || x >= behind) {
        store_four(result,
                   edge_sum(map + channel, height, width, channels, weights + channel, bias, top, left));
        continue;
      }
      const float* const place = map + (static_cast<std::ptrdiff_t>(top) * width + left) * channels + channel;
      Four sum = bias;
      for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 3; ++column) {
          sum += load_four(place + (static_cast<std::ptrdiff_t>(row) * width + column) * channels) *
                 factors[3 * row + column];
        }
      }
      store_four(result, sum);
    }
  }
}

void pool_map(const float* map, int height, int width, int channels, float* out) {
  const auto larger = [](Four a, Four b) { return a > b ? a : b; };
  const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(width) * channels;
  for (int y = 0; y + 1 < height; y += 2) {
    for (int x = 0; x + 1 < width; x += 2) {
      const float* const place = map + y * row + static_cast<std::ptrdiff_t>(x) * channels;
      for (int channel = 0; channel < channels; channel += 4, out += 4) {
        const float* const four = place + channel;
        store_four(out, larger(larger(load_four(four), load_four(four + channels)),
                               larger(load_four(four + row), load_four(four + row + channels))));
      }
    }
  }
}

}  // namespace tha4
