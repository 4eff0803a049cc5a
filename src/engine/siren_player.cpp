#include "siren_player.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tha4 {
namespace {

/// The parts that a level's tiles have: small ones, of which few pixels are wasted, where nothing is sampled
/// that would have to be sampled in small parts as well.
constexpr int kFirstLevelPart = 8;
constexpr int kNextLevelsPart = 16;

/// Copies of the usual lengths are a few instructions, not a call.
void copy_pixels(const float* from, int count, float* to) {
  if (count == kFirstLevelPart) {
    std::memcpy(to, from, kFirstLevelPart * sizeof(float));
  } else if (count == kNextLevelsPart) {
    std::memcpy(to, from, kNextLevelsPart * sizeof(float));
  } else {
    std::copy_n(from, count, to);
  }
}

}  // namespace

SirenPlayer::SirenPlayer(SirenProgram program, TileWorkers& workers, const EmptyCells& empty)
    : program_(std::move(program)),
      workers_(workers),
      empty_(empty),
      maps_(program_.levels.size() - 1),
      samples_(program_.levels.size()),
      tiles_(program_.levels.size()) {
  int results = 0;
  for (std::size_t i = 0; i < program_.levels.size(); ++i) {
    const SirenProgramLevel& level = program_.levels[i];
    results = std::max(results, level.padded_results());
    biases_.emplace_back(level.first.of_x.size());
    if (i == maps_.size()) continue;
    maps_[i].resize(level.size, level.padded_results());
    if (i > 0) samples_[i] = axis_samples(program_.levels[i - 1].size, level.size);
  }
  for (int thread = 0; thread < workers_.threads(); ++thread) {
    scratches_.emplace_back(program_);
    tile_results_.emplace_back(static_cast<std::size_t>(results) * kTileLength);
  }
}

void SirenPlayer::plan(int resolution, const std::vector<PixelRun>& runs) {
  const std::size_t last = program_.levels.size() - 1;
  if (resolution_ != resolution) {
    resolution_ = resolution;
    if (last > 0) samples_[last] = axis_samples(program_.levels[last - 1].size, resolution);
  }
  std::vector<PixelRun> needed = runs;
  for (std::size_t level = last; level > 0; --level) {
    tiles_[level] = tiles_of(needed, kNextLevelsPart);
    needed = sampled_cells(needed, samples_[level], program_.levels[level - 1].size);
  }
  tiles_[0] = tiles_of(needed, kFirstLevelPart);
}

const float* SirenPlayer::evaluate(std::size_t level, std::int64_t tile, int thread) {
  const int size = program_.levels[level].size;
  const LevelTiles& tiles = tiles_[level];
  TileTask task{.level = &program_.levels[level],
                .biases = biases_[level].data(),
                .resolution = size > 0 ? size : resolution_,
                .part_length = tiles.part_length,
                .parts = tiles.parts.data() + tile * (kTileLength / tiles.part_length)};
  if (level > 0) {
    task.features = &maps_[level - 1];
    task.samples = samples_[level].data();
  }
  float* const results = tile_results_[static_cast<std::size_t>(thread)].data();
  draw_tile(task, scratches_[static_cast<std::size_t>(thread)], results);
  return results;
}

void SirenPlayer::draw_map(std::size_t level) {
  const LevelTiles& tiles = tiles_[level];
  FeatureMap& map = maps_[level];
  const auto draw_tile_of_map = [&](std::int64_t tile, int thread) {
    const float* const results = evaluate(level, tile, thread);
    tiles.for_runs(tile, [&](const PixelRun& run, int offset) {
      for (int channel = 0; channel < map.channels(); ++channel) {
        copy_pixels(results + channel * kTileLength + offset, run.count, map.row(run.y, channel) + run.x);
      }
    });
  };
  workers_.run(tiles.count(), std::ref(draw_tile_of_map));
  for (const int y : tiles.rows) map.fill_margins(y);
}

void SirenPlayer::draw_planned(const float* pose, const Take& take) {
  const std::size_t last = program_.levels.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) program_.levels[i].first.biases_of(pose, biases_[i]);
  for (std::size_t level = 0; level < last; ++level) draw_map(level);
  const LevelTiles& tiles = tiles_[last];
  const auto draw_tile_of_frame = [&](std::int64_t tile, int thread) {
    const float* const results = evaluate(last, tile, thread);
    tiles.for_runs(tile, [&](const PixelRun& run, int offset) {
      take({.values = results, .x = run.x, .y = run.y, .offset = offset, .count = run.count});
    });
  };
  workers_.run(tiles.count(), std::ref(draw_tile_of_frame));
}

void SirenPlayer::aim(const FrameWindow& window) {
  if (window_ == window) return;
  window_.reset();
  WindowRuns runs = runs_of(window, empty_);
  plan(window.resolution, runs.drawn);
  empty_runs_ = std::move(runs.empty);
  window_ = window;
}

std::int64_t SirenPlayer::products(const FrameWindow& window) {
  aim(window);
  const auto of_layer = [](const FixedPointLayer& layer) {
    return static_cast<std::int64_t>(layer.inputs) * layer.padded_outputs();
  };
  std::int64_t products = 0;
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    const SirenProgramLevel& level = program_.levels[i];
    std::int64_t of_pixel = 0;
    for (const FixedPointLayer& layer : level.sine_layers) of_pixel += of_layer(layer);
    for (const FixedPointLayer& layer : level.results) of_pixel += of_layer(layer);
    products += of_pixel * tiles_[i].count() * kTileLength;
  }
  return products;
}

void SirenPlayer::draw(const float* pose, const FrameWindow& window, const Take& take) {
  aim(window);
  for (const PixelRun& run : empty_runs_) {
    take({.values = nullptr, .x = run.x, .y = run.y, .offset = 0, .count = run.count});
  }
  draw_planned(pose, take);
}

void SirenPlayer::draw_runs(const float* pose, int resolution, const std::vector<PixelRun>& runs,
                            const Take& take) {
  window_.reset();
  plan(resolution, runs);
  draw_planned(pose, take);
}

}  // namespace tha4
