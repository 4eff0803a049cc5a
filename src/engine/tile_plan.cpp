#include "tile_plan.h"

#include <algorithm>
#include <cstdint>

namespace tha4 {
namespace {

/// Tiles' parts begin at its multiples, which sampling at twice a map's size wants even.
constexpr int kPartStep = 4;

/// The cells of a row or column of EmptyCells that pixel \p pixel of \p resolution lies in, wholly or partly.
std::pair<int, int> cells_of_pixel(int pixel, int resolution) {
  return {pixel * EmptyCells::kAcross / resolution, ((pixel + 1) * EmptyCells::kAcross - 1) / resolution};
}

bool is_empty(const EmptyCells& empty, int x, std::pair<int, int> rows, int resolution) {
  const auto [left, right] = cells_of_pixel(x, resolution);
  for (int row = rows.first; row <= rows.second; ++row) {
    for (int column = left; column <= right; ++column) {
      if (!empty.is_empty(column, row)) return false;
    }
  }
  return true;
}

}  // namespace

WindowRuns runs_of(const FrameWindow& window, const EmptyCells& empty) {
  const Region& region = window.region;
  WindowRuns runs;
  for (int y = region.y; y < region.y + region.height; ++y) {
    if (empty.count() == 0) {
      runs.drawn.push_back({region.x, y, region.width});
      continue;
    }
    const auto rows = cells_of_pixel(y, window.resolution);
    for (int x = region.x; x < region.x + region.width;) {
      const bool is_run_empty = is_empty(empty, x, rows, window.resolution);
      const int begin = x++;
      while (x < region.x + region.width && is_empty(empty, x, rows, window.resolution) == is_run_empty) ++x;
      (is_run_empty ? runs.empty : runs.drawn).push_back({begin, y, x - begin});
    }
  }
  return runs;
}

LevelTiles tiles_of(const std::vector<PixelRun>& needed, int part_length) {
  LevelTiles tiles{.part_length = part_length, .parts = {}, .runs_of_part = {}, .runs = {}, .rows = {}};
  for (const PixelRun& run : needed) {
    if (tiles.rows.empty() || tiles.rows.back() != run.y) tiles.rows.push_back(run.y);
    for (int x = run.x; x < run.x + run.count;) {
      const bool is_in_last =
          !tiles.parts.empty() && tiles.parts.back().y == run.y && x < tiles.parts.back().x + part_length;
      if (!is_in_last) {
        tiles.parts.push_back({x / kPartStep * kPartStep, run.y});
        tiles.runs_of_part.push_back(static_cast<int>(tiles.runs.size()));
      }
      const int end = std::min(run.x + run.count, tiles.parts.back().x + part_length);
      tiles.runs.push_back({x, run.y, end - x});
      x = end;
    }
  }
  tiles.runs_of_part.push_back(static_cast<int>(tiles.runs.size()));
  const auto parts_of_tile = static_cast<std::size_t>(kTileLength / part_length);
  while (tiles.parts.size() % parts_of_tile != 0) {
    tiles.parts.push_back(tiles.parts.back());
    tiles.runs_of_part.push_back(static_cast<int>(tiles.runs.size()));
  }
  return tiles;
}

std::vector<PixelRun> sampled_cells(const std::vector<PixelRun>& runs, const std::vector<AxisSample>& samples,
                                    int size) {
  const auto sample = [&](int pixel) { return samples[static_cast<std::size_t>(pixel)].cell; };
  std::vector<std::uint8_t> is_read(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  for (const PixelRun& run : runs) {
    const int first = sample(run.x), last = std::min(sample(run.x + run.count - 1) + 1, size - 1);
    for (const int row : {sample(run.y), std::min(sample(run.y) + 1, size - 1)}) {
      std::fill_n(is_read.begin() + static_cast<std::ptrdiff_t>(row) * size + first, last - first + 1, 1);
    }
  }
  std::vector<PixelRun> cells;
  for (int y = 0; y < size; ++y) {
    const auto* const row = is_read.data() + static_cast<std::ptrdiff_t>(y) * size;
    for (int x = 0; x < size; ++x) {
      if (row[x] == 0) continue;
      const int begin = x;
      while (x < size && row[x] != 0) ++x;
      cells.push_back({begin, y, x - begin});
    }
  }
  return cells;
}

}  // namespace tha4
