#pragma once

#include <cstdint>
#include <vector>

#include "siren_kernels.h"

#include "tha4/engine/empty_cells.h"
#include "tha4/image/region.h"

// Which tiles of a SIREN's levels are evaluated for a picture.

namespace tha4 {

/// Pixels beside each other.
struct PixelRun {
  int x, y;  ///< of the first one
  int count;

  friend bool operator==(const PixelRun&, const PixelRun&) = default;
};

/// The pixels of a window, row by row, that are to be drawn, and those that are empty in every pose. They do
/// not depend on how a frame is divided into windows.
struct WindowRuns {
  std::vector<PixelRun> drawn;
  std::vector<PixelRun> empty;
};
WindowRuns runs_of(const FrameWindow& window, const EmptyCells& empty);

/// The tiles that one level is evaluated at.
struct LevelTiles {
  int part_length = kTileLength;
  std::vector<TilePart> parts;    ///< whole tiles; the last part is repeated where one would not be whole
  std::vector<int> runs_of_part;  ///< index of a part's first run; one more at the end
  std::vector<PixelRun> runs;     ///< the pixels that are needed, part by part; none of repeated ones
  std::vector<int> rows;          ///< that have such pixels, ascending

  std::int64_t count() const { return static_cast<std::int64_t>(parts.size()) / (kTileLength / part_length); }

  /// Calls take(run, offset) for the needed pixels of tile \p tile, `offset` being that of the run's first
  /// one in the tile.
  template <class Take>
  void for_runs(std::int64_t tile, const Take& take) const {
    const std::int64_t parts_of_tile = kTileLength / part_length;
    for (std::int64_t i = 0; i < parts_of_tile; ++i) {
      const auto part = static_cast<std::size_t>(tile * parts_of_tile + i);
      for (int run = runs_of_part[part]; run < runs_of_part[part + 1]; ++run) {
        const PixelRun& pixels = runs[static_cast<std::size_t>(run)];
        take(pixels, static_cast<int>(i) * part_length + pixels.x - parts[part].x);
      }
    }
  }
};

/// Those of pixels \p needed, which are sorted by row, then by x.
/// \param part_length  divides kTileLength
LevelTiles tiles_of(const std::vector<PixelRun>& needed, int part_length);

/// The cells of a map of \p size by \p size that sampling at \p runs reads.
/// \param samples  of the axes of the runs' grid on the map
std::vector<PixelRun> sampled_cells(const std::vector<PixelRun>& runs, const std::vector<AxisSample>& samples,
                                    int size);

}  // namespace tha4
