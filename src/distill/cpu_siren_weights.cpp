#include "cpu_siren_weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <numbers>
#include <utility>

#include <torch/types.h>

#include "tha4/nn/blocks/sine_layer.h"

namespace tha4 {
namespace {

constexpr double kRadiansOfTurn = 2 * std::numbers::pi;
constexpr float kLargestWeight = std::numeric_limits<std::int16_t>::max();

std::uint16_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// Where number \p index of \p count of an output lies among units of panels.
std::size_t unit_of(int output, int index, int count, int pack) {
  const int units = padded_to(count, pack) / pack;
  const int panel = output / kTrainedPanel;
  return (static_cast<std::size_t>(panel) * static_cast<std::size_t>(units) +
          static_cast<std::size_t>(index / pack)) *
             kTrainedPanel +
         static_cast<std::size_t>(output % kTrainedPanel);
}

std::size_t panel_floats(int outputs, int inputs, int pack) {
  return static_cast<std::size_t>(padded_to(outputs, kTrainedPanel)) *
         static_cast<std::size_t>(padded_to(inputs, pack) / pack);
}

/// The half of a unit, of two numbers of 16 bits.
template <class Half>
void store_half(float* units, std::size_t unit, int which, Half value) {
  std::memcpy(reinterpret_cast<std::byte*>(units + unit) + 2 * which, &value, sizeof(value));
}

}  // namespace

AlignedFloats::AlignedFloats(std::size_t size)
    : floats_(hwy::AllocateAligned<float>(std::max<std::size_t>(1, size))), size_(size) {
  clear();
}

void AlignedFloats::clear() {
  std::fill_n(floats_.get(), size_, 0.0F);
}

PackedMatrix::PackedMatrix(const WeightPlace& place, std::ptrdiff_t bias, bool is_sine, double scale,
                           SirenNumbers numbers)
    : place_(place),
      bias_(bias),
      is_sine_(is_sine),
      scale_(scale),
      numbers_(numbers),
      forward_(panel_floats(place.outputs, place.inputs, numbers_of_unit(numbers))),
      backward_(panel_floats(place.inputs, place.outputs, numbers_of_unit(numbers))),
      scales_(static_cast<std::size_t>(padded_to(place.outputs, kTrainedPanel))),
      biases_(scales_.size()) {}

int PackedMatrix::output_panels() const {
  return padded_to(place_.outputs, kTrainedPanel) / kTrainedPanel;
}

int PackedMatrix::input_panels() const {
  return padded_to(place_.inputs, kTrainedPanel) / kTrainedPanel;
}

void PackedMatrix::pack_outputs(const float* parameters, int panel) {
  // Sums are turns, unless they are what the network gives.
  const auto factor = static_cast<float>(scale_ == 1 ? 1 : scale_ / kRadiansOfTurn);
  const int end = std::min(place_.outputs, (panel + 1) * kTrainedPanel);
  std::vector<float> row(static_cast<std::size_t>(place_.inputs));
  for (int output = panel * kTrainedPanel; output < end; ++output) {
    const float* const weights = parameters + place_.at(output);
    std::transform(weights, weights + place_.inputs, row.begin(), [&](float w) { return w * factor; });
    if (bias_ >= 0) biases_.data()[output] = parameters[bias_ + output] * factor;
    if (numbers_ == SirenNumbers::pairs) {
      pack_fixed_point(row.data(), output);
      continue;
    }
    for (int input = 0; input < place_.inputs; ++input) {
      forward_.data()[unit_of(output, input, place_.inputs, 1)] = row[static_cast<std::size_t>(input)];
    }
  }
}

void PackedMatrix::pack_fixed_point(const float* row, int output) {
  constexpr float kOneTurn = 4294967296.0F;  // all that 32 bits can hold
  float largest = std::numeric_limits<float>::min(), sum = largest;
  for (int i = 0; i < place_.inputs; ++i) {
    largest = std::max(largest, std::abs(row[i]));
    sum += std::abs(row[i]);
  }
  float scale = kOneTurn / kTrainedOne;
  if (is_sine_) {
    while (largest * scale > kLargestWeight && scale > 0) scale /= 2;
  } else {
    // Each weight is rounded by less than 1 to either side.
    constexpr float kLargestSum = 2147483647.0F / kTrainedOne;
    scale =
        std::min(kLargestWeight / largest, 0.999F * (kLargestSum - static_cast<float>(place_.inputs)) / sum);
  }
  scales_.data()[output] = 1 / (scale * kTrainedOne);
  for (int i = 0; i < place_.inputs; ++i) {
    // In this order, what is no number becomes one.
    const float value = std::min(kLargestWeight, std::max(-kLargestWeight, row[i] * scale));
    store_half(forward_.data(), unit_of(output, i, place_.inputs, 2), i % 2,
               static_cast<std::int16_t>(value + (value < 0 ? -0.5F : 0.5F)));
  }
}

void PackedMatrix::pack_inputs(const float* parameters, int panel) {
  const auto factor = static_cast<float>(scale_);
  const int end = std::min(place_.inputs, (panel + 1) * kTrainedPanel);
  for (int output = 0; output < place_.outputs; ++output) {
    const float* const weights = parameters + place_.at(output);
    for (int input = panel * kTrainedPanel; input < end; ++input) {
      const float value = weights[input] * factor;
      if (numbers_ == SirenNumbers::pairs) {
        store_half(backward_.data(), unit_of(input, output, place_.outputs, 2), output % 2,
                   to_bfloat16(value));
      } else {
        backward_.data()[unit_of(input, output, place_.outputs, 1)] = value;
      }
    }
  }
}

TrainedMatrix PackedMatrix::arguments() const {
  TrainedMatrix arguments;
  arguments.inputs = place_.inputs;
  arguments.outputs = place_.outputs;
  arguments.forward = forward_.data();
  arguments.scales = scales_.data();
  arguments.biases = biases_.data();
  arguments.backward = backward_.data();
  return arguments;
}

PackedFirstLayer::PackedFirstLayer(const WeightPlace& place, std::ptrdiff_t bias)
    : place_(place),
      bias_(bias),
      padded_(static_cast<std::size_t>(padded_to(place.outputs, 2))),
      columns_(padded_ * static_cast<std::size_t>(place.inputs + 1)) {}

void PackedFirstLayer::pack(const float* parameters) {
  const auto factor = static_cast<float>(kSirenFrequency / kRadiansOfTurn);
  for (int channel = 0; channel < place_.outputs; ++channel) {
    float* const column = columns_.data() + channel;
    const float* const row = parameters + place_.at(channel);
    for (std::size_t i = 0; std::cmp_less(i, place_.inputs); ++i) column[i * padded_] = row[i] * factor;
    column[static_cast<std::size_t>(place_.inputs) * padded_] = parameters[bias_ + channel] * factor;
  }
}

void PackedFirstLayer::biases_of(const float* pose, float* biases) const {
  std::copy_n(columns_.data() + static_cast<std::size_t>(place_.inputs) * padded_, padded_, biases);
  for (int i = 0; i < pose_size(); ++i) {
    const float* const column = columns_.data() + static_cast<std::size_t>(2 + i) * padded_;
    for (std::size_t channel = 0; channel < padded_; ++channel) biases[channel] += pose[i] * column[channel];
  }
}

std::vector<PackedLevel> pack_levels(const StateDict& network, const TrainedSiren& siren,
                                     SirenNumbers numbers) {
  std::map<std::string, std::size_t> places;
  std::size_t count = 0;
  for (const auto& item : network) {
    places[item.key()] = count;
    count += static_cast<std::size_t>(item.value().numel());
  }
  const auto weights_of = [&](const SirenLayer& layer, int first, int inputs) {
    const auto row = static_cast<std::size_t>(network[layer.name + ".weight"].size(1));
    return WeightPlace{places.at(layer.name + ".weight") + static_cast<std::size_t>(first), row,
                       layer.outputs, inputs};
  };
  const auto bias_of = [&](const SirenLayer& layer) {
    return static_cast<std::ptrdiff_t>(places.at(layer.name + ".bias"));
  };
  std::vector<PackedLevel> levels;
  for (std::size_t at = 0; at < siren.levels.size(); ++at) {
    const TrainedLevel& level = siren.levels[at];
    const SirenLayer& first = level.sines.front();
    PackedLevel packed{
        .resolution = level.resolution,
        .first = PackedFirstLayer(weights_of(first, level.features, 2 + siren.pose_size), bias_of(first)),
        .matrices = {}};
    for (std::size_t i = 1; i < level.sines.size(); ++i) {
      const SirenLayer& layer = level.sines[i];
      packed.matrices.emplace_back(weights_of(layer, 0, level.sines[i - 1].outputs), bias_of(layer), true,
                                   kSirenFrequency, numbers);
    }
    const int inputs = level.sines.back().outputs;
    if (at + 1 == siren.levels.size()) {
      packed.matrices.emplace_back(weights_of(siren.last, 0, inputs), bias_of(siren.last), false, 1, numbers);
    } else {
      // The features of the next level are multiplied on this one's, coarser grid.
      packed.matrices.emplace_back(weights_of(siren.levels[at + 1].sines.front(), 0, inputs), -1, false,
                                   kSirenFrequency, numbers);
    }
    levels.push_back(std::move(packed));
  }
  return levels;
}

}  // namespace tha4
