#pragma once

#include <vector>

#include "blend_kernels.h"

#include "tha4/image/region.h"

namespace tha4 {

/// Memory of a thread for what a sum of bases needs.
struct BlendScratch {
  std::vector<float> weights;
  std::vector<float> sums;
  std::vector<WeightedPair> pairs;
};

/// A tiled blendshape that is drawn for one pose after the other. Its tiles may be drawn by several threads.
class BlendMap {
 public:
  BlendMap(TiledBlendProgram program, int threads);

  int size() const { return program_.size; }
  const FeatureMap& map() const { return map_; }

  /// Begins a pose: evaluates the layers that all tiles share. \param pose  [45]
  void begin(const float* pose);
  /// Finds the tiles that the pixels of \p window need. \return how many they are
  int choose_tiles(const FrameWindow& window);
  /// Draws the tile \p index of those chosen.
  void draw_tile(int index, int thread);

  /// What the pixels from \p x on, \p count of the row \p y, are sampled from; without a map where all of it
  /// is 0.
  SampledMap samples(int x, int count, int y) const;

 private:
  void write_tile(const BlendTile& tile, const float* values);
  void set_zero(const BlendTile& tile);
  std::uint8_t& is_zero(const BlendTile& tile) {
    return zeros_[static_cast<std::size_t>(tile.y / program_.tile_size * across_ +
                                           tile.x / program_.tile_size)];
  }

  TiledBlendProgram program_;
  int across_;
  FeatureMap map_;
  std::vector<std::uint8_t> zeros_;          ///< of each tile of the map
  std::vector<std::uint8_t> has_zero_mean_;  ///< of each tile with a basis
  std::vector<float> hidden_;
  std::vector<BlendScratch> scratches_;
  std::vector<int> chosen_;
  std::vector<AxisSample> samples_;
  int resolution_ = 0;
};

}  // namespace tha4
