#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "tile_plan.h"

#include "tha4/engine/tile_workers.h"

namespace tha4 {

/// What a network gives at pixels of one row of a tile: `values` is [outputs][kTileLength], null where the
/// frame is empty in every pose, so that nothing was evaluated.
struct TileResults {
  const float* values;
  int x;  ///< of the first pixel, in pixels of the whole frame
  int y;
  int offset;  ///< of that pixel in the tile
  int count;
};

/// Evaluates a SIREN on the CPU, tile by tile.
class SirenPlayer {
 public:
  /// Called for all pixels of a picture, by any thread, several at a time.
  using Take = std::function<void(const TileResults&)>;

  /// \param workers  must outlive the player
  /// \param empty    cells of every frame that are not evaluated
  SirenPlayer(SirenProgram program, TileWorkers& workers, const EmptyCells& empty = {});

  const SirenProgram& program() const { return program_; }

  /// Draws \p pose, [pose size], at the pixels of \p window, at a cost in proportion to its tiles. Takes no
  /// memory where the window is that of the call before.
  void draw(const float* pose, const FrameWindow& window, const Take& take);

  /// The products of 16-bit numbers that a picture of \p window takes.
  std::int64_t products(const FrameWindow& window);

  /// Draws \p pose at a few pixels of a frame of \p resolution, whatever is empty there.
  /// \param runs  sorted by row, then by x
  void draw_runs(const float* pose, int resolution, const std::vector<PixelRun>& runs, const Take& take);

 private:
  /// Plans \p window, if it is another one than that of the last call.
  void aim(const FrameWindow& window);
  /// Works out what is evaluated of each level for \p runs of a frame of \p resolution.
  void plan(int resolution, const std::vector<PixelRun>& runs);
  void draw_planned(const float* pose, const Take& take);
  /// Evaluates the tile \p tile of level \p level.
  const float* evaluate(std::size_t level, std::int64_t tile, int thread);
  void draw_map(std::size_t level);

  SirenProgram program_;
  TileWorkers& workers_;
  EmptyCells empty_;
  std::vector<FeatureMap> maps_;                  ///< of all levels but the last
  std::vector<std::vector<float>> biases_;        ///< of the pose that is drawn
  std::vector<TileScratch> scratches_;            ///< of each thread
  std::vector<std::vector<float>> tile_results_;  ///< of each thread
  std::vector<std::vector<AxisSample>> samples_;  ///< of each level's grid on the map of the level before
  std::vector<LevelTiles> tiles_;                 ///< of each level
  std::optional<FrameWindow> window_;             ///< that they are of
  std::vector<PixelRun> empty_runs_;              ///< of that window
  int resolution_ = 0;                            ///< of the last level's grid
};

}  // namespace tha4
