// The kernels for CPUs by themselves, without LibTorch and GoogleTest, so that scripts/check_arm.sh can run
// them on an emulated processor. Exits 0 if all of them give what plain loops do.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "channel_map.h"
#include "convolution_kernels.h"
#include "map_kernels.h"
#include "siren_kernels.h"

namespace {

using namespace tha4;

std::mt19937 generator(7);

std::vector<float> random_numbers(std::size_t count) {
  std::normal_distribution<float> distribution;
  std::vector<float> numbers(count);
  for (float& number : numbers) number = distribution(generator);
  return numbers;
}

bool report(const char* what, double error, double max_error) {
  const bool is_right = error < max_error;  // false for what is not a number
  std::printf("%s: %s, error %.2g (at most %.2g)\n", kernel_target(), what, error, max_error);
  if (!is_right) std::printf("wrong: %s\n", what);
  return is_right;
}

float value_of(const MapView& map, int y, int x, int channel) {
  float value = 0;
  if (map.type == MapType::fp32) {
    std::memcpy(&value, map.pixel(y, x) + channel * sizeof(float), sizeof value);
  } else {
    std::memcpy(reinterpret_cast<std::byte*>(&value) + 2, map.pixel(y, x) + channel * 2, 2);
  }
  return value;
}

/// A map of random numbers.
std::shared_ptr<const MapView> random_map(MapPool& pool, int height, int width, int channels) {
  auto map = pool.take(height, width, channels);
  const std::vector<float> planes = random_numbers(static_cast<std::size_t>(height * width * channels));
  read_planes({.planes = planes.data(),
               .channel_step = static_cast<std::ptrdiff_t>(height) * width,
               .row_step = width,
               .pixel_step = 1,
               .channels = channels,
               .to = *map},
              0, height);
  return map;
}

/// Winograd's weights of an axis: [points][3].
constexpr float kAxis[4][3] = {{1, 0, 0}, {0.5F, 0.5F, 0.5F}, {0.5F, -0.5F, 0.5F}, {0, 0, 1}};

/// \param weights  [outputs][inputs][3][3]
PackedConvolution packed(const std::vector<float>& weights, int inputs, int outputs, MapType type) {
  PackedConvolution convolution;
  convolution.inputs = inputs;
  convolution.outputs = outputs;
  convolution.points = kMaxPoints;
  convolution.type = type;
  convolution.biases = random_numbers(static_cast<std::size_t>(outputs));
  const std::size_t size = size_of(type);
  const int step = static_cast<int>(sizeof(float) / size);
  convolution.weights =
      hwy::AllocateAligned<std::byte>(static_cast<std::size_t>(kMaxPoints * inputs * outputs) * size);
  std::byte* to = convolution.weights.get();
  for (int panel = 0; panel * kPanelWidth < outputs; ++panel) {
    for (int point = 0; point < kMaxPoints; ++point) {
      for (int input = 0; input < inputs; input += step) {
        for (int i = 0; i < convolution.outputs_of_panel(panel) * step; ++i, to += size) {
          const int output = panel * kPanelWidth + i / step;
          const float* const own =
              &weights[static_cast<std::size_t>((output * inputs + input + i % step) * 9)];
          float sum = 0;
          for (int k = 0; k < 9; ++k) sum += kAxis[point / 4][k / 3] * kAxis[point % 4][k % 3] * own[k];
          std::memcpy(to, reinterpret_cast<const std::byte*>(&sum) + sizeof(float) - size, size);
        }
      }
    }
  }
  return convolution;
}

bool check_convolution(MapType type) {
  constexpr int kHeight = 7, kWidth = 9, kInputs = 32, kOutputs = 48;
  MapPool pool(type);
  const auto from = random_map(pool, kHeight, kWidth, kInputs), to = pool.take(kHeight, kWidth, kOutputs);
  const std::vector<float> weights = random_numbers(kOutputs * kInputs * 9);
  const PackedConvolution convolution = packed(weights, kInputs, kOutputs, type);
  const ConvolutionTask task{.convolution = &convolution, .from = *from, .to = *to};
  ConvolutionScratch scratch;
  std::vector<float> sums(2 * kOutputs);
  convolve_tiles(task, scratch, 0, results_of(task).tiles(), sums.data());
  double error = 0, all = 0;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      for (int output = 0; output < kOutputs; ++output) {
        double expected = convolution.biases[static_cast<std::size_t>(output)];
        for (int k = 0; k < 9; ++k) {
          const int row = y + k / 3 - 1, column = x + k % 3 - 1;
          if (row < 0 || row >= kHeight || column < 0 || column >= kWidth) continue;
          for (int input = 0; input < kInputs; ++input)
            expected += weights[static_cast<std::size_t>((output * kInputs + input) * 9 + k)] *
                        value_of(*from, row, column, input);
        }
        const double difference = value_of(*to, y, x, output) - expected;
        error += difference * difference;
        all += expected * expected;
      }
    }
  }
  const bool is_fp32 = type == MapType::fp32;
  return report(is_fp32 ? "convolution, fp32" : "convolution, bf16", std::sqrt(error / all),
                is_fp32 ? 1e-5 : 2e-2);
}

bool check_activation() {
  constexpr int kHeight = 6, kWidth = 5, kChannels = 32;
  MapPool pool(MapType::fp32);
  const auto from = random_map(pool, kHeight, kWidth, kChannels), to = pool.take(3, 2, kChannels);
  const std::vector<float> slopes = random_numbers(kChannels), intercepts = random_numbers(kChannels);
  activate_rows(
      {.from = *from, .to = *to, .slopes = slopes.data(), .intercepts = intercepts.data(), .halves = true}, 0,
      3);
  double error = 0;
  for (int i = 0; i < 3 * 2 * kChannels; ++i) {
    const int y = i / (2 * kChannels), x = i / kChannels % 2, channel = i % kChannels;
    double expected = 0;
    for (int k = 0; k < 4; ++k) {
      const double value =
          slopes[static_cast<std::size_t>(channel)] * value_of(*from, 2 * y + k / 2, 2 * x + k % 2, channel) +
          intercepts[static_cast<std::size_t>(channel)];
      expected += value / (1 + std::exp(-value)) / 4;
    }
    error = std::max(error, std::abs(value_of(*to, y, x, channel) - expected));
  }
  return report("SiLU and halving", error, 1e-5);
}

bool check_products_of_sines() {
  constexpr int kInputs = 90, kOutputs = 12;
  std::uniform_int_distribution<int> numbers(-kFixedPointOne, kFixedPointOne);
  FixedPointLayer layer;
  layer.inputs = kInputs;
  layer.panels = kOutputs / kPanelOutputs;
  layer.scales = random_numbers(kOutputs);
  layer.biases = random_numbers(kOutputs);
  for (int i = 0; i < kInputs * kOutputs; ++i) {
    layer.weights.push_back(static_cast<std::int16_t>(numbers(generator) / 8));
  }
  const auto sines = hwy::AllocateAligned<std::int16_t>(kInputs * kTileLength);
  for (int i = 0; i < kInputs * kTileLength; ++i)
    sines[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(numbers(generator));
  std::vector<float> results(kOutputs * kTileLength);
  multiply_tile(layer, sines.get(), results.data());
  double error = 0, largest = 0;
  for (int output = 0; output < kOutputs; ++output) {
    for (int pixel = 0; pixel < kTileLength; ++pixel) {
      std::int64_t sum = 0;
      for (int input = 0; input < kInputs; ++input) {
        const int panel = output / kPanelOutputs, pair = input / 2;
        const int weight = layer.weights[static_cast<std::size_t>(
            ((panel * (kInputs / 2) + pair) * kPanelOutputs + output % kPanelOutputs) * 2 + input % 2)];
        sum += static_cast<std::int64_t>(weight) *
               sines[static_cast<std::size_t>((pair * kTileLength + pixel) * 2 + input % 2)];
      }
      const auto at = static_cast<std::size_t>(output);
      const double expected = static_cast<double>(sum) * layer.scales[at] + layer.biases[at];
      largest = std::max(largest, std::abs(expected));
      error =
          std::max(error, std::abs(results[at * kTileLength + static_cast<std::size_t>(pixel)] - expected));
    }
  }
  return report("products of sines", error / largest, 1e-5);
}

}  // namespace

int main() {
  const bool right[] = {check_convolution(MapType::fp32), check_convolution(MapType::bf16),
                        check_activation(), check_products_of_sines()};
  return std::all_of(std::begin(right), std::end(right), [](bool is_right) { return is_right; }) ? 0 : 1;
}
