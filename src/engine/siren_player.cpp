#include "siren_player.h"

#include <algorithm>
#include <utility>

namespace tha4 {
namespace {

/// The tiles that a region touches, row by row.
class TileGrid {
 public:
  explicit TileGrid(const Region& region)
      : first_x_(region.x / kTileLength * kTileLength),
        first_y_(region.y),
        across_((region.x + region.width - first_x_ + kTileLength - 1) / kTileLength),
        rows_(region.height) {}

  std::int64_t count() const { return static_cast<std::int64_t>(across_) * rows_; }
  int x(std::int64_t tile) const { return first_x_ + static_cast<int>(tile % across_) * kTileLength; }
  int y(std::int64_t tile) const { return first_y_ + static_cast<int>(tile / across_); }

 private:
  int first_x_;
  int first_y_;
  int across_;
  int rows_;
};

/// The cells of a map that samples at pixels from \p begin on need.
std::pair<int, int> needed_cells(const std::vector<AxisSample>& samples, int begin, int count, int size) {
  const int first = samples[static_cast<std::size_t>(begin)].cell;
  const int last = samples[static_cast<std::size_t>(begin + count - 1)].cell + 1;
  return {first, std::min(last, size - 1) - first + 1};
}

}  // namespace

SirenPlayer::SirenPlayer(SirenProgram program, TileWorkers& workers)
    : program_(std::move(program)),
      workers_(workers),
      maps_(program_.levels.size() - 1),
      biases_(program_.levels.size()),
      samples_(program_.levels.size()) {
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    maps_[i].resize(program_.levels[i].size, program_.levels[i].padded_results());
    if (i > 0) samples_[i] = axis_samples(program_.levels[i - 1].size, program_.levels[i].size);
  }
  const auto results = static_cast<std::size_t>(program_.levels.back().padded_results());
  for (int thread = 0; thread < workers_.threads(); ++thread) {
    scratches_.emplace_back(program_);
    tile_results_.emplace_back(results * kTileLength);
  }
}

TileTask SirenPlayer::task_of(std::size_t level, int x, int y) const {
  const int size = program_.levels[level].size;
  TileTask task{.level = &program_.levels[level],
                .biases = biases_[level].data(),
                .resolution = size > 0 ? size : resolution_,
                .x = x,
                .y = y};
  if (level > 0) {
    task.features = &maps_[level - 1];
    task.columns = samples_[level].data();
    task.row = samples_[level][static_cast<std::size_t>(y)];
  }
  return task;
}

void SirenPlayer::draw_map_below(std::size_t level, const Region& region) {
  if (level == 0) return;
  const int size = program_.levels[level - 1].size;
  const auto [x, width] = needed_cells(samples_[level], region.x, region.width, size);
  const auto [y, height] = needed_cells(samples_[level], region.y, region.height, size);
  draw_map(level - 1, {x, y, width, height});
}

void SirenPlayer::draw_map(std::size_t level, const Region& region) {
  draw_map_below(level, region);
  FeatureMap& map = maps_[level];
  const TileGrid grid(region);
  workers_.run(grid.count(), [&](std::int64_t tile, int thread) {
    const TileTask task = task_of(level, grid.x(tile), grid.y(tile));
    draw_tile(task, scratches_[static_cast<std::size_t>(thread)], map.row(task.y, 0) + task.x, map.stride());
  });
  for (int y = region.y; y < region.y + region.height; ++y) map.fill_margins(y);
}

void SirenPlayer::draw(const at::Tensor& pose, const FrameWindow& window,
                       const std::function<void(const TileResults&)>& take) {
  const std::size_t last = program_.levels.size() - 1;
  if (resolution_ != window.resolution) {
    resolution_ = window.resolution;
    if (last > 0) samples_[last] = axis_samples(program_.levels[last - 1].size, resolution_);
  }
  for (std::size_t i = 0; i <= last; ++i) biases_[i] = program_.levels[i].first.biases_of(pose);
  const Region& region = window.region;
  draw_map_below(last, region);
  const TileGrid grid(region);
  workers_.run(grid.count(), [&](std::int64_t tile, int thread) {
    const TileTask task = task_of(last, grid.x(tile), grid.y(tile));
    float* const values = tile_results_[static_cast<std::size_t>(thread)].data();
    draw_tile(task, scratches_[static_cast<std::size_t>(thread)], values, kTileLength);
    const int begin = std::max(task.x, region.x);
    const int end = std::min(task.x + kTileLength, region.x + region.width);
    take({.values = values, .x = begin, .y = task.y, .offset = begin - task.x, .count = end - begin});
  });
}

}  // namespace tha4
