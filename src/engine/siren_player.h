#pragma once

#include <functional>
#include <vector>

#include "siren_kernels.h"

#include "tha4/engine/tile_workers.h"
#include "tha4/image/region.h"

namespace tha4 {

/// What a network gives at the pixels of a tile: `values` is [outputs][kTileLength], of which `count` pixels
/// from (x, y) on lie within the window.
struct TileResults {
  const float* values;
  int x;  ///< of the first pixel within the window, in pixels of the whole frame
  int y;
  int offset;  ///< of that pixel in the tile
  int count;
};

/// Evaluates a SIREN on the CPU, tile by tile.
class SirenPlayer {
 public:
  /// \param workers  must outlive the player
  SirenPlayer(SirenProgram program, TileWorkers& workers);

  const SirenProgram& program() const { return program_; }

  /// Draws \p pose, float32 [pose size] on the CPU, at the pixels of \p window, at a cost in proportion to
  /// its tiles. \param take  is called for every tile with a pixel in the window, by any thread, several at a
  /// time
  void draw(const at::Tensor& pose, const FrameWindow& window,
            const std::function<void(const TileResults&)>& take);

 private:
  /// The tile of level \p level that begins at (x, y).
  TileTask task_of(std::size_t level, int x, int y) const;
  /// Draws the map of level \p level in \p region, and those before it where it needs them.
  void draw_map(std::size_t level, const Region& region);
  /// Draws what the level \p level needs of the map before it for \p region.
  void draw_map_below(std::size_t level, const Region& region);

  SirenProgram program_;
  TileWorkers& workers_;
  std::vector<FeatureMap> maps_;                  ///< of all levels but the last
  std::vector<std::vector<float>> biases_;        ///< of the pose that is drawn
  std::vector<TileScratch> scratches_;            ///< of each thread
  std::vector<std::vector<float>> tile_results_;  ///< of each thread
  std::vector<std::vector<AxisSample>> samples_;  ///< of each level's grid on the map of the level before
  int resolution_ = 0;                            ///< of the last level's grid
};

}  // namespace tha4
