#include "siren_layout.h"

#include <algorithm>
#include <map>
#include <utility>

#include <torch/types.h>

#include "tha4/nn/blocks/sine_layer.h"
#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr int kStep = 16;
constexpr int kFragmentBytes = kStep * kStep * 2;
constexpr int kPosition = 2;

int steps_of(int features) {
  return (features + kStep - 1) / kStep;
}

int outputs_of(const StateDict& network, const std::string& layer) {
  return static_cast<int>(network[layer + ".weight"].size(0));
}

/// The sine layers of the list \p list.
TrainedLevel level_of(const StateDict& network, const std::string& list) {
  TrainedLevel level;
  for (int i = 0;; ++i) {
    const std::string name = list + "." + std::to_string(i) + ".linear";
    if (!network.contains(name + ".weight")) return level;
    level.sines.push_back({name, outputs_of(network, name)});
    level.sine_steps.push_back(steps_of(level.sines.back().outputs));
  }
}

/// Of a network whose only child is the SIREN "siren".
TrainedSiren lone_siren(const StateDict& network, int resolution, int pose_size) {
  TrainedSiren siren{.last = {"siren.last_linear", outputs_of(network, "siren.last_linear")},
                     .pose_size = pose_size};
  TrainedLevel level = level_of(network, "siren.sine_layers");
  level.resolution = resolution;
  level.result_steps = steps_of(siren.last.outputs);
  siren.levels.push_back(std::move(level));
  return siren;
}

/// Where a channel lies among 16, as the threads of a warp have them.
int shuffled(int channel) {
  const int of_group = channel % 8;
  return channel / kStep * kStep + of_group / 2 * 4 + channel % kStep / 8 * 2 + of_group % 2;
}

/// Where the weight of an output and an input lies among a matrix's fragments.
int in_fragments(int output, int input, int input_steps) {
  const int lane = output % 8 * 4 + input % 8 / 2;
  const int within = output % kStep / 8 * 4 + input % kStep / 8 * 2 + input % 2;
  return ((output / kStep * input_steps + input / kStep) * 32 + lane) * 8 + within;
}

/// Registers that a thread needs, about.
int registers_of(const std::vector<std::pair<int, int>>& matrices, int tiles, int pairs) {
  int inputs = 0;
  for (const auto& matrix : matrices) inputs = std::max(inputs, matrix.first);
  return tiles * (4 * inputs + 8 * pairs) + (tiles > 1 ? 64 : 40);
}

ChainLayout chain_of(const std::vector<std::pair<int, int>>& matrices, int tiles, int warps, int pairs,
                     int stages) {
  ChainLayout layout{.tiles = tiles, .warps = warps, .pairs = pairs, .stages = stages, .chunk_offsets = {0}};
  for (const auto& [inputs, outputs] : matrices) {
    const int bytes = pairs * inputs * kFragmentBytes;
    layout.matrix_offsets.push_back(layout.chunk_offsets.back());
    for (int i = 0; i < outputs; i += pairs) {
      layout.chunk_offsets.push_back(layout.chunk_offsets.back() + bytes);
    }
    layout.slot_bytes = std::max(layout.slot_bytes, bytes);
    layout.kept_steps = std::max(layout.kept_steps, inputs);
  }
  return layout;
}

/// Fills the table of parameters.
class Placing {
 public:
  Placing(const TrainedSiren& siren, const std::vector<ChainLayout>& forward,
          const std::vector<ChainLayout>& backward)
      : siren_(siren), forward_(forward), backward_(backward) {
    for (std::size_t i = 0; i < siren.levels.size(); ++i) add_level(i);
  }

  /// The entries of one layer's weights, [outputs][inputs].
  std::vector<kernels::SirenParameter> weights(const std::string& layer, int outputs, int inputs) const {
    const auto [level, index] = layer_at(layer);
    std::vector<kernels::SirenParameter> entries;
    for (int output = 0; output < outputs; ++output) {
      for (int input = 0; input < inputs; ++input) {
        entries.push_back(index == 0 ? of_first(level, output, input)
                                     : of_matrix(level, index, output, input));
      }
    }
    return entries;
  }

  std::vector<kernels::SirenParameter> biases(const std::string& layer, int outputs) const {
    const auto [level, index] = layer_at(layer);
    std::vector<kernels::SirenParameter> entries;
    for (int output = 0; output < outputs; ++output) entries.push_back(of_bias(level, index, output));
    return entries;
  }

  ParameterPlaces places;

 private:
  void add_level(std::size_t at) {
    const TrainedLevel& level = siren_.levels[at];
    LevelPlaces place{.first_weights = places.plain, .forward = places.forward, .backward = places.backward};
    places.plain += (kPosition + siren_.pose_size + 1) * level.first_channels();
    place.biases = places.plain;
    places.plain += level.biases();
    places.forward += forward_[at].chunk_offsets.back() / 2;
    places.backward += backward_[at].chunk_offsets.back() / 2;
    const auto add_gradient = [&](int outputs, int inputs) {
      place.gradients.push_back(places.gradients);
      places.gradients += outputs * (inputs + 1);
    };
    add_gradient(level.first_channels(), first_inputs(siren_.pose_size));
    for (const auto& [inputs, outputs] : level.matrices()) add_gradient(kStep * outputs, kStep * inputs);
    places.levels.push_back(std::move(place));
  }

  /// The level of a layer, and its number there; the last one's is that of the sine layers.
  std::pair<std::size_t, std::size_t> layer_at(const std::string& name) const {
    for (std::size_t level = 0; level < siren_.levels.size(); ++level) {
      const auto& sines = siren_.levels[level].sines;
      for (std::size_t i = 0; i < sines.size(); ++i) {
        if (sines[i].name == name) return {level, i};
      }
    }
    return {siren_.levels.size() - 1, siren_.levels.back().sines.size()};
  }

  /// Of the matrix behind sine layer number \p index - 1.
  kernels::SirenParameter of_matrix(std::size_t at, std::size_t index, int output, int input) const {
    const TrainedLevel& level = siren_.levels[at];
    const LevelPlaces& place = places.levels[at];
    const auto [inputs, outputs] = level.matrices()[index - 1];
    const std::size_t from_last = level.matrices().size() - index;
    const bool is_last = at + 1 == siren_.levels.size() && index == level.sines.size();
    return {.gradient = place.gradients[index] + shuffled(output) * kStep * inputs + shuffled(input),
            .second_gradient = -1,
            .forward = place.forward + forward_[at].matrix_offsets[index - 1] / 2 +
                       in_fragments(output, input, inputs),
            .backward = place.backward + backward_[at].matrix_offsets[from_last] / 2 +
                        in_fragments(input, output, outputs),
            .plain = -1,
            .scale = is_last ? 1.0F : static_cast<float>(kSirenFrequency)};
  }

  kernels::SirenParameter of_first(std::size_t at, int output, int input) const {
    const TrainedLevel& level = siren_.levels[at];
    // The features of the level before are multiplied on its own, coarser grid.
    if (input < level.features) {
      return of_matrix(at - 1, siren_.levels[at - 1].sines.size(), output, input);
    }
    const LevelPlaces& place = places.levels[at];
    const int other = input - level.features;
    const int row = place.gradients[0] + shuffled(output) * first_inputs(siren_.pose_size);
    const bool is_position = other < kPosition;
    return {.gradient = row + (is_position ? 2 * other : other + kPosition),
            .second_gradient = is_position ? row + 2 * other + 1 : -1,
            .forward = -1,
            .backward = -1,
            .plain = place.first_weights + other * level.first_channels() + shuffled(output),
            .scale = static_cast<float>(kSirenFrequency)};
  }

  kernels::SirenParameter of_bias(std::size_t at, std::size_t index, int output) const {
    const TrainedLevel& level = siren_.levels[at];
    const LevelPlaces& place = places.levels[at];
    const bool is_last = index == level.sines.size();
    kernels::SirenParameter entry{};
    entry.second_gradient = entry.forward = entry.backward = -1;
    entry.scale = is_last ? 1.0F : static_cast<float>(kSirenFrequency);
    if (index == 0) {
      entry.gradient = place.gradients[0] + level.first_channels() * first_inputs(siren_.pose_size);
      entry.plain =
          place.first_weights + (kPosition + siren_.pose_size) * level.first_channels() + shuffled(output);
    } else {
      const auto [inputs, outputs] = level.matrices()[index - 1];
      entry.gradient = place.gradients[index] + kStep * outputs * kStep * inputs;
      entry.plain = place.biases + shuffled(output);
      for (std::size_t i = 1; i < index; ++i) entry.plain += kStep * level.sine_steps[i];
    }
    entry.gradient += shuffled(output);
    return entry;
  }

  const TrainedSiren& siren_;
  const std::vector<ChainLayout>& forward_;
  const std::vector<ChainLayout>& backward_;
};

}  // namespace

int TrainedLevel::biases() const {
  int channels = result_channels();
  for (std::size_t i = 1; i < sine_steps.size(); ++i) channels += kStep * sine_steps[i];
  return channels;
}

std::vector<std::pair<int, int>> TrainedLevel::matrices() const {
  std::vector<std::pair<int, int>> matrices;
  for (std::size_t i = 1; i < sine_steps.size(); ++i) matrices.emplace_back(sine_steps[i - 1], sine_steps[i]);
  matrices.emplace_back(sine_steps.back(), result_steps);
  return matrices;
}

TrainedSiren trained_body(const StateDict& network, SirenResolution resolution) {
  const SirenBodyRotatorOptions options =
      siren_body_options_of(WeightShapes(network, "the body rotator"), resolution);
  TrainedSiren siren{.last = {"last_linear", outputs_of(network, "last_linear")}, .pose_size = kPoseSize};
  for (std::size_t i = 0; i < options.levels.size(); ++i) {
    TrainedLevel level = level_of(network, "siren_layers." + std::to_string(i));
    level.resolution = options.levels[i].size;
    if (i > 0) {
      level.features = options.levels[i].width;
      siren.levels.back().result_steps = level.sine_steps.front();
    }
    siren.levels.push_back(std::move(level));
  }
  siren.levels.back().result_steps = steps_of(siren.last.outputs);
  return siren;
}

TrainedSiren trained_body(const StateDict& network, BodyRotatorKind kind) {
  if (kind == BodyRotatorKind::vanilla_siren) return lone_siren(network, kImageSize, kPoseSize);
  return trained_body(network,
                      kind == BodyRotatorKind::siren ? SirenResolution::multiple : SirenResolution::single);
}

TrainedSiren trained_face(const StateDict& network) {
  return lone_siren(network, kFaceCrop.width, kFacePoseSize);
}

std::size_t ChainLayout::shared_bytes() const {
  const int kept = warps * tiles * kept_steps * kFragmentBytes;
  return static_cast<std::size_t>(kept + (stages == 0 ? chunk_offsets.back() : stages * slot_bytes));
}

std::optional<ChainLayout> lay_out_chain(const std::vector<std::pair<int, int>>& matrices,
                                         std::size_t shared_bytes) {
  constexpr int kMaxRegisters = 240, kRegistersOfWarps = 65536 / 32;
  const auto fitting = [&](int tiles,
                           std::initializer_list<int> stage_choices) -> std::optional<ChainLayout> {
    for (const int warps : {16, 12, 8, 4}) {
      for (const int stages : stage_choices) {
        for (const int pairs : {2, 1}) {
          const int registers = registers_of(matrices, tiles, pairs);
          if (registers > kMaxRegisters || warps * registers > kRegistersOfWarps) continue;
          ChainLayout layout = chain_of(matrices, tiles, warps, pairs, stages);
          if (layout.shared_bytes() <= shared_bytes) return layout;
        }
      }
    }
    return std::nullopt;
  };
  // Two tiles halve the weights that are read.
  for (const int tiles : {2, 1}) {
    const auto resident = fitting(tiles, {0});
    if (resident && resident->warps >= 8) return resident;
    if (const auto streamed = fitting(tiles, {4, 3, 2})) return streamed;
  }
  return std::nullopt;
}

int first_inputs(int pose_size) {
  return steps_of(2 * kPosition + pose_size) * kStep;
}

ParameterPlaces place_parameters(const StateDict& network, const TrainedSiren& siren,
                                 const std::vector<ChainLayout>& forward,
                                 const std::vector<ChainLayout>& backward) {
  Placing placing(siren, forward, backward);
  auto& table = placing.places.table;
  for (const auto& item : network) {
    const std::string& key = item.key();
    const std::string layer = key.substr(0, key.rfind('.'));
    const int outputs = static_cast<int>(item.value().size(0));
    const bool is_bias = item.value().dim() == 1;
    const auto entries = is_bias ? placing.biases(layer, outputs)
                                 : placing.weights(layer, outputs, static_cast<int>(item.value().size(1)));
    table.insert(table.end(), entries.begin(), entries.end());
  }
  return std::move(placing.places);
}

}  // namespace tha4
