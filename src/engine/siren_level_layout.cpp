#include "siren_level_layout.h"

#include <algorithm>

namespace tha4 {
namespace {

constexpr int kFragmentBytes = kSirenStep * kSirenStep * 2;  // weights of a step of inputs and one of outputs
constexpr int kRegistersOfWarps = 65536 / 32;                // of a multiprocessor
constexpr int kMaxWarps = 16;
constexpr int kTeamWarps = 4;
constexpr int kBarrierBytes = 16;  // of a chunk of weights, or a tile of a map, that a warpgroup waits for

int chunks_of(int steps, int chunk_steps) {
  return (steps + chunk_steps - 1) / chunk_steps;
}

int max_inputs(const SirenLevelLayout& layout) {
  int widest = 0;
  for (const auto& [inputs, outputs] : chunked_layers(layout)) widest = std::max(widest, inputs);
  return widest;
}

int max_outputs(const SirenLevelLayout& layout) {
  int widest = 0;
  for (const auto& [inputs, outputs] : chunked_layers(layout)) widest = std::max(widest, outputs);
  return widest;
}

/// Registers that a thread of a warp by itself needs, about: the sines of a layer, sums, and all else.
int registers_of(const SirenLevelLayout& layout) {
  constexpr int kAllElse = 40;
  return layout.block_width * (4 * siren_steps(max_inputs(layout)) + 8 * layout.chunk_steps) + kAllElse;
}

/// Registers that a thread of a warpgroup needs, about.
int registers_in_team(const SirenLevelLayout& layout) {
  constexpr int kAllElse = 48;
  const int sines = layout.kept_steps > 0 ? 0 : 4 * siren_steps(max_inputs(layout));
  return sines + 8 * siren_steps(max_outputs(layout)) + kAllElse;
}

/// Warps of which a multiprocessor can hold the registers, in fours, one for each of its parts.
int warps_for(int registers) {
  return std::min(kMaxWarps, kRegistersOfWarps / registers / 4 * 4);
}

void add_chunk(SirenLevelLayout& layout, int bytes) {
  layout.chunk_offsets.push_back(layout.chunk_offsets.back() + bytes);
  layout.slot_bytes = std::max(layout.slot_bytes, bytes);
}

void add_chunks(SirenLevelLayout& layout) {
  layout.chunk_offsets = {0};
  layout.biases = layout.slot_bytes = 0;
  for (const auto& [inputs, outputs] : chunked_layers(layout)) {
    const int bytes = layout.chunk_steps * siren_steps(inputs) * kFragmentBytes;
    const int chunks = chunks_of(siren_steps(outputs), layout.chunk_steps);
    for (int i = 0; i < chunks; ++i) add_chunk(layout, bytes);
    layout.biases += chunks * layout.chunk_steps * kSirenStep;
  }
  layout.kept_steps = siren_steps(max_inputs(layout));
}

void add_team_chunks(SirenLevelLayout& layout) {
  layout.chunk_offsets = {0};
  layout.biases = layout.slot_bytes = 0;
  for (const auto& [inputs, outputs] : chunked_layers(layout)) {
    const int steps = siren_steps(inputs);
    for (int i = 0; i < steps; i += layout.chunk_steps) {
      add_chunk(layout, std::min(layout.chunk_steps, steps - i) * siren_steps(outputs) * kFragmentBytes);
    }
    layout.biases += kSirenStep * siren_steps(outputs);
  }
}

/// Whether a multiprocessor has room for such a layout.
bool fits(SirenLevelLayout& layout, int warps, int chunk_steps, int stages, std::size_t max_shared_bytes) {
  constexpr int kMaxRegisters = 240;
  layout.chunk_steps = chunk_steps;
  const int registers = registers_of(layout);
  if (registers > kMaxRegisters || warps > warps_for(registers)) return false;
  layout.warps = warps;
  layout.stages = stages;
  add_chunks(layout);
  return layout.shared_bytes() <= max_shared_bytes;
}

/// As many warps as there is room for, with all weights in shared memory.
bool fit_all_weights(SirenLevelLayout& layout, std::size_t max_shared_bytes) {
  for (const int warps : {16, 12, 8}) {
    for (const int steps : {1, 2}) {
      if (fits(layout, warps, steps, 0, max_shared_bytes)) return true;
    }
  }
  return false;
}

/// Some chunks of weights at a time, at which few warps wait for each other: these have many products under
/// way each.
bool fit_chunks(SirenLevelLayout& layout, std::size_t max_shared_bytes) {
  for (const int warps : {8, 4, 2}) {
    for (const int steps : {4, 2, 1}) {
      for (const int stages : {4, 3, 2}) {
        if (fits(layout, warps, steps, stages, max_shared_bytes)) return true;
      }
    }
  }
  return false;
}

bool fits_team(SirenLevelLayout& layout, int chunk_steps, int stages, std::size_t max_shared_bytes) {
  layout.chunk_steps = chunk_steps;
  layout.stages = stages;
  add_team_chunks(layout);
  return layout.shared_bytes() <= max_shared_bytes;
}

/// As many chunks at a time as there is room for, of which the tensor cores have the longer to do the larger
/// they are.
bool fit_team_chunks(SirenLevelLayout& layout, std::size_t max_shared_bytes) {
  constexpr int kMaxSlot = 16 * 1024, kMinStages = 4, kMaxStages = 12;
  for (const int steps : {4, 2, 1}) {
    for (int stages = kMaxStages; stages >= kMinStages; --stages) {
      if (fits_team(layout, steps, stages, max_shared_bytes) && layout.slot_bytes <= kMaxSlot) return true;
    }
  }
  return false;
}

/// Whether warpgroups have room for all weights and, where \p has_map, for the cells of their tiles: of 32
/// pixels, and of one more on either side.
bool fit_team_resident(SirenLevelLayout& layout, bool has_map, std::size_t max_shared_bytes) {
  constexpr int kWholeLayers = 1 << 16, kColumns = 32 / 2 + 2;
  layout.map_columns = has_map ? kColumns : 0;
  const bool has_room = fits_team(layout, kWholeLayers, 0, max_shared_bytes);
  if (!has_room) layout.map_columns = 0;
  return has_room;
}

/// Whether warpgroups have room for a level whose sines lie where `kept_steps` says.
bool fit_team(SirenLevelLayout& layout, bool has_map, std::size_t max_shared_bytes) {
  constexpr int kMaxRegisters = 242, kMaxWarpsOfChunks = 8;
  const int registers = registers_in_team(layout);
  if (registers > kMaxRegisters) return false;
  for (layout.warps = warps_for((registers + 7) / 8 * 8); layout.warps > 0; layout.warps -= kTeamWarps) {
    if (fit_team_resident(layout, has_map, max_shared_bytes)) return true;
    if (layout.warps <= kMaxWarpsOfChunks && fit_team_chunks(layout, max_shared_bytes)) return true;
  }
  return false;
}

}  // namespace

int siren_map_stride(int results) {
  const int numbers = kSirenStep * siren_steps(results);
  constexpr int kBanks = 32;
  return numbers % kBanks == 0 ? numbers + kSirenStep : numbers;
}

int siren_steps(int features) {
  return (features + kSirenStep - 1) / kSirenStep;
}

std::vector<std::pair<int, int>> chunked_layers(const SirenLevelLayout& layout) {
  std::vector<std::pair<int, int>> layers;
  for (std::size_t i = 1; i < layout.widths.size(); ++i) {
    layers.emplace_back(layout.widths[i - 1], layout.widths[i]);
  }
  if (layout.output == SirenOutput::map) layers.emplace_back(layout.widths.back(), layout.results);
  return layers;
}

std::size_t SirenLevelLayout::shared_bytes() const {
  const int first = 3 * kSirenStep * siren_steps(widths.front());
  const int results_weights = output == SirenOutput::map ? 0 : siren_steps(widths.back()) * kFragmentBytes;
  const int kept = warps * block_width * kept_steps * kFragmentBytes;
  const int weights = stages == 0 ? chunk_offsets.back() : stages * slot_bytes;
  const int slots = stages == 0 ? static_cast<int>(chunk_offsets.size()) - 1 : stages;
  const int barriers = team_warps == kTeamWarps ? (slots + 1) * kBarrierBytes : 0;  // and one for constants
  const int cells = 2 * map_columns * siren_map_stride(widths.front()) * static_cast<int>(sizeof(float));
  const int maps = map_columns > 0 ? warps / kTeamWarps * (cells + kBarrierBytes) : 0;
  return static_cast<std::size_t>(results_weights + kept + maps + weights + barriers) +
         static_cast<std::size_t>(first + biases) * sizeof(float);
}

std::optional<SirenLevelLayout> lay_out_level(std::vector<int> widths, int results, SirenOutput output,
                                              std::size_t max_shared_bytes) {
  SirenLevelLayout layout{.widths = std::move(widths), .results = results, .output = output};
  layout.block_width = 2;  // which halves the weights that are read
  if (fit_all_weights(layout, max_shared_bytes)) return layout;
  layout.block_width = 1;
  if (fit_all_weights(layout, max_shared_bytes) || fit_chunks(layout, max_shared_bytes)) return layout;
  return std::nullopt;
}

std::optional<SirenLevelLayout> lay_out_for_warpgroups(std::vector<int> widths, int results,
                                                       SirenOutput output, bool has_map,
                                                       std::size_t max_shared_bytes) {
  SirenLevelLayout layout{
      .widths = std::move(widths), .results = results, .output = output, .team_warps = kTeamWarps};
  if (chunked_layers(layout).empty()) return std::nullopt;
  if (fit_team(layout, has_map, max_shared_bytes)) return layout;
  layout.kept_steps = siren_steps(max_inputs(layout));
  if (fit_team(layout, has_map, max_shared_bytes)) return layout;
  return std::nullopt;
}

std::optional<SirenLevelLayout> lay_out_level(const SirenMatrices& level, SirenOutput output, bool has_map,
                                              int capability, std::size_t max_shared_bytes) {
  constexpr int kHopper = 90;  // no other generation has these instructions
  std::vector<int> widths{level.outputs_of_first()};
  for (const LinearLayer& layer : level.sine_layers) widths.push_back(static_cast<int>(layer.biases.size(0)));
  const int results = static_cast<int>(level.results.weights.size(0));
  if (capability == kHopper) {
    if (auto layout = lay_out_for_warpgroups(widths, results, output, has_map, max_shared_bytes))
      return layout;
  }
  return lay_out_level(std::move(widths), results, output, max_shared_bytes);
}

}  // namespace tha4
