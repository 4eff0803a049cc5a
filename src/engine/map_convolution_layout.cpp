#include "map_convolution_layout.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr int kHopper = 90;       // compute capability: clusters from here on
constexpr int kMaxThreads = 512;  // of a multiprocessor that each has 128 registers: fewer cost time

int up(int value, int step) {
  return (value + step - 1) / step;
}

int sum(const std::vector<int>& values) {
  return std::accumulate(values.begin(), values.end(), 0);
}

/// Registers of a thread that multiplies and of one that loads, where sums leave no room for as many for all.
struct SharedRegisters {
  int of_teams, of_loaders;
};

/// Of each thread that multiplies.
bool has_many_sums(int blocks, int outputs) {
  constexpr int kManySums = 128;
  return blocks * outputs / 2 >= kManySums;
}

SharedRegisters shared_registers(const MapConvolutionLayout& layout) {
  if (!layout.has_warpgroups() || !has_many_sums(layout.blocks, layout.outputs)) return {0, 0};
  // As many as there are: of a multiprocessor 65,536, of each four warps as many as of others at first.
  return layout.teams > layout.loaders ? SharedRegisters{184, 136} : SharedRegisters{160, 96};
}

struct WarpgroupTile {
  int outputs, teams, blocks, loaders, resident;
};

/// With as many patches and slots as there is room for.
/// \param inputs  that there is to be room for
std::optional<MapConvolutionLayout> layout_of_tile(const MapConvolutionShape& shape,
                                                   const WarpgroupTile& tile, bool copies, int inputs,
                                                   const CudaLimits& limits) {
  constexpr int kMaxSlots = 8, kFewOutputs = 64;
  constexpr std::size_t kReserved = 1024;  // bytes of shared memory, for each thread block
  const std::size_t room =
      (limits.shared_bytes + kReserved) / static_cast<std::size_t>(tile.resident) - kReserved;
  // Copies take longer to arrive than products of few outputs take.
  for (int patches = copies && tile.outputs <= kFewOutputs ? 4 : 3; patches >= 2; --patches) {
    MapConvolutionLayout layout{.taps = shape.taps,
                                .halves = shape.halves,
                                .activation = shape.activation,
                                .step = step_of(shape),
                                .teams = tile.teams,
                                .blocks = tile.blocks,
                                .outputs = tile.outputs,
                                .slots = kMaxSlots,
                                .loaders = tile.loaders,
                                .patches = patches,
                                .resident = tile.resident,
                                .copies = copies};
    const auto fits = [&] { return layout.shared_bytes(inputs, inputs) <= room; };
    const int min_slots = patches + 1;
    while (layout.slots > min_slots && !fits()) --layout.slots;
    if (fits()) return layout;
  }
  return std::nullopt;
}

}  // namespace

int step_of(const MapConvolutionShape& shape) {
  const auto is_whole = [](int channels) { return channels % 32 == 0; };
  const bool all = std::all_of(shape.inputs.begin(), shape.inputs.end(), is_whole) &&
                   std::all_of(shape.skipped.begin(), shape.skipped.end(), is_whole);
  return all ? 32 : 16;
}

int tiles_of(const MapConvolutionShape& shape, const MapConvolutionLayout& layout) {
  const int kinds = shape.taps == 4 ? 4 : 1;
  return shape.images * up(shape.height, layout.tile_height()) * up(shape.width, layout.tile_width()) *
         kinds * (shape.outputs / layout.outputs);
}

int padded_map_outputs(int outputs) {
  return outputs <= 16 ? 16 : up(outputs, 32) * 32;
}

int MapConvolutionLayout::patch_pixels() const {
  const int border = taps == 9 ? 2 : taps == 1 ? 0 : 1;
  return (tile_width() + border) * (tile_height() + border);
}

std::size_t MapConvolutionLayout::pipeline_bytes() const {
  const int plane = up(patch_pixels() - 2, 8) * 8 + 2, taps_of_row = taps == 9 ? 3 : taps == 1 ? 1 : 2;
  const int taps_at_once = takes_rows() ? taps_of_row : 1;
  return static_cast<std::size_t>(patches * plane * step * 2 + slots * taps_at_once * step * outputs * 2);
}

std::size_t MapConvolutionLayout::shared_bytes(int inputs, int groups) const {
  const std::size_t staged_pixel = static_cast<std::size_t>(std::min(outputs, 128) + 8) * sizeof(float);
  const std::size_t lines = static_cast<std::size_t>(inputs + groups) * 2 * sizeof(float);
  if (has_warpgroups()) {
    constexpr std::size_t kBarriers = 256, kBlock = 64;  // pixels
    const auto staged_blocks = static_cast<std::size_t>(teams * (outputs <= 64 ? blocks : 1));
    return kBarriers + pipeline_bytes() + staged_blocks * kBlock * staged_pixel + lines;
  }
  const std::size_t staged = static_cast<std::size_t>(tile_pixels()) * staged_pixel;
  const std::size_t sums = static_cast<std::size_t>(threads() / 32) * outputs * 2 * sizeof(float);
  return std::max(pipeline_bytes(), staged) + std::max(lines, sums);
}

int MapConvolutionLayout::max_resident(std::size_t shared_bytes_of_multiprocessor) const {
  constexpr int kUsualInputs = 256, kGroups = 32;
  return static_cast<int>(shared_bytes_of_multiprocessor / (shared_bytes(kUsualInputs, kGroups) + 1024));
}

int MapConvolutionLayout::usual_resident(std::size_t shared_bytes_of_multiprocessor) const {
  constexpr int kRegisters = 65536, kOthers = 96;  // of a thread, besides its sums
  const int by_registers = kRegisters / (threads() * (blocks * outputs / 2 + kOthers));
  return std::clamp(std::min(by_registers, max_resident(shared_bytes_of_multiprocessor)), 1, 8 / teams);
}

std::vector<std::string> MapConvolutionLayout::defines() const {
  const SharedRegisters registers = shared_registers(*this);
  return {fmt::format("TAPS={}", taps),
          fmt::format("HALVES={}", halves ? 1 : 0),
          fmt::format("ACTIVATION={}", static_cast<int>(activation)),
          fmt::format("STEP={}", step),
          fmt::format("TEAMS={}", teams),
          fmt::format("BLOCKS={}", blocks),
          fmt::format("OUTPUTS={}", outputs),
          fmt::format("SPLITS={}", splits),
          fmt::format("SLOTS={}", slots),
          fmt::format("LOADERS={}", loaders),
          fmt::format("TAKES_ROWS={}", takes_rows() ? 1 : 0),
          fmt::format("PATCHES={}", patches),
          fmt::format("COPIES={}", copies ? 1 : 0),
          fmt::format("TEAM_REGISTERS={}", registers.of_teams),
          fmt::format("LOADER_REGISTERS={}", registers.of_loaders),
          fmt::format("MIN_BLOCKS={}", resident)};
}

std::vector<MapConvolutionLayout> possible_layouts(const MapConvolutionShape& shape,
                                                   const CudaLimits& limits) {
  struct Tile {
    int teams, blocks;
  };
  std::vector<MapConvolutionLayout> layouts;
  const int step = step_of(shape), inputs = sum(shape.inputs);
  for (const Tile tile : {Tile{1, 1}, Tile{2, 1}, Tile{1, 2}, Tile{2, 2}, Tile{1, 4}}) {
    for (const int outputs : {16, 32, 64, 128}) {
      for (const int splits : {1, 2, 4, 8}) {
        if (shape.outputs % outputs != 0 || inputs / step < splits) continue;
        if (splits > 1 && limits.capability < kHopper) continue;
        MapConvolutionLayout layout{.taps = shape.taps,
                                    .halves = shape.halves,
                                    .activation = shape.activation,
                                    .step = step,
                                    .teams = tile.teams,
                                    .blocks = tile.blocks,
                                    .outputs = outputs,
                                    .splits = splits};
        if (layout.shared_bytes(inputs, inputs) > limits.shared_bytes) continue;
        layout.resident = layout.usual_resident(limits.shared_bytes);
        layouts.push_back(layout);
        // One more, which may cost registers.
        if (++layout.resident <= layout.max_resident(limits.shared_bytes) &&
            layout.threads() * layout.resident <= kMaxThreads)
          layouts.push_back(layout);
      }
    }
  }
  return layouts;
}

std::vector<MapConvolutionLayout> warpgroup_layouts(const MapConvolutionShape& shape,
                                                    const CudaLimits& limits) {
  // What registers are enough for. Two thread blocks of a multiprocessor write while the other one
  // multiplies.
  constexpr WarpgroupTile kTiles[] = {
      {256, 2, 1, 1, 1}, {128, 2, 2, 1, 1}, {128, 2, 2, 2, 1}, {128, 1, 2, 1, 2}, {128, 2, 1, 2, 1},
      {64, 2, 2, 2, 1},  {64, 1, 2, 1, 2},  {64, 2, 1, 1, 1},  {32, 2, 4, 2, 1},  {32, 2, 2, 2, 1},
      {32, 1, 4, 1, 2},  {32, 2, 1, 1, 1},  {16, 2, 4, 2, 1}};
  std::vector<MapConvolutionLayout> layouts;
  if (limits.capability != kHopper) return layouts;
  // One layout, and so one program, for nearly all numbers of inputs.
  constexpr int kUsualInputs = 512;
  const int inputs = up(sum(shape.inputs), kUsualInputs) * kUsualInputs;
  for (const WarpgroupTile& tile : kTiles) {
    if (shape.outputs % tile.outputs != 0) continue;
    for (const bool copies : {false, true}) {
      // Each pixel of a patch is made of four; registers are not enough for what is under way.
      if (copies && (shape.halves || (tile.resident > 1 && has_many_sums(tile.blocks, tile.outputs))))
        continue;
      if (const auto layout = layout_of_tile(shape, tile, copies, inputs, limits)) layouts.push_back(*layout);
    }
  }
  return layouts;
}

double estimated_cycles(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
                        const CudaLimits& limits) {
  constexpr double kBytesPerCycle = 24, kLatency = 4000, kOfSplits = 1500;
  const double inputs = static_cast<double>(sum(shape.inputs)) / layout.splits;
  const double skipped = static_cast<double>(sum(shape.skipped)) / layout.splits;
  const double products = shape.taps * inputs + skipped;
  const double blocks = layout.tile_pixels() / 64.0;
  // A product of 64 pixels and 16 inputs, of which shared memory gives 128 bytes a cycle.
  const double product = std::max(layout.outputs / 2.0, 16 + layout.outputs / 4.0);
  const double multiplying = blocks * product * products / 16;
  const double border = shape.taps == 1 ? 1 : 1.0 + 2.5 / layout.tile_height();
  const int pixels = shape.halves || shape.taps == 16 ? 4 : 1;  // that a result reads at each place
  const double values = layout.tile_pixels() * border * (inputs * pixels + skipped);
  const double reading = (2 * products * layout.outputs + 2 * values) / kBytesPerCycle + values / 10;
  const double writing = layout.tile_pixels() * layout.outputs / 8.0;
  const int count = tiles_of(shape, layout) * layout.splits, resident = layout.resident;
  const double of_one = std::max(multiplying, reading) + writing;
  const double rounds = up(count, limits.multiprocessors),
               waves = up(count, limits.multiprocessors * resident);
  return rounds * of_one + waves * kLatency + (layout.splits > 1 ? kOfSplits : 0);
}

MapConvolutionLayout best_layout(const MapConvolutionShape& shape, const CudaLimits& limits) {
  const std::vector<MapConvolutionLayout> layouts = possible_layouts(shape, limits);
  if (layouts.empty()) throw Error("a convolution of maps has no kernel on this GPU");
  return *std::min_element(layouts.begin(), layouts.end(), [&](const auto& one, const auto& other) {
    return estimated_cycles(shape, one, limits) < estimated_cycles(shape, other, limits);
  });
}

}  // namespace tha4
