#pragma once

#include <vector>

#include "blend_kernels.h"
#include "fixed_cells.h"
#include "tile_flags.h"

#include "tha4/image/region.h"

namespace tha4 {

/// Memory of a thread for what a sum of bases needs.
struct BlendScratch {
  std::vector<float> weights;
  std::vector<float> sums;
  std::vector<WeightedPair> pairs;
};

/// A tiled blendshape that is drawn for one pose after the other. Its tiles may be drawn by several threads.
/// \param Cells  what it is drawn into: FeatureMap or FixedCells
template <class Cells>
class BlendMap {
 public:
  /// \param cells  empty
  BlendMap(TiledBlendProgram program, int threads, Cells cells);

  int size() const { return program_.size; }
  const Cells& map() const { return map_; }
  /// Whether tiles are 0 everywhere.
  const TileFlags& zeros() const { return zeros_; }

  /// Begins a pose: evaluates the layers that all tiles share.
  /// \param pose  [45]
  void begin(const float* pose);
  /// Finds the tiles that have some of \p cells.
  /// \return how many they are
  int choose_tiles(const Region& cells);
  /// Draws the tile \p index of those chosen.
  void draw_tile(int index, int thread);

 private:
  void write_tile(const BlendTile& tile, const float* values);
  void set_zero(const BlendTile& tile);

  TiledBlendProgram program_;
  Cells map_;
  TileFlags zeros_;
  std::vector<std::uint8_t> has_zero_mean_;  ///< of each tile with a basis
  std::vector<float> hidden_;
  std::vector<BlendScratch> scratches_;
  std::vector<int> chosen_;
};

/// A map that stays where it is, and where the pixels of frames lie on it.
class StillMap {
 public:
  StillMap(TiledBlendProgram program, int threads);

  BlendMap<FeatureMap>& tiles() { return tiles_; }
  int size() const { return tiles_.size(); }

  /// Finds the tiles that the pixels of \p window need.
  /// \return how many they are
  int choose_tiles(const FrameWindow& window);

  /// What the pixels from \p x on, \p count of the row \p y, are sampled from; without a map where all of it
  /// is 0.
  SampledMap samples(int x, int count, int y) const;
  /// The same, with the map in any case.
  SampledMap all_samples(int y) const;

 private:
  BlendMap<FeatureMap> tiles_;
  std::vector<AxisSample> samples_;
  int resolution_ = 0;
};

}  // namespace tha4
