#pragma once

#include <cstddef>

#include "feature_map.h"
#include "siren_program.h"
#include "tile_scratch.h"

// The inner loops of SIRENs on CPUs, compiled for several instruction sets, of which the best is chosen when
// the program runs (Google Highway).

namespace tha4 {

/// One tile of one level.
struct TileTask {
  const SirenProgramLevel* level = nullptr;
  const float* biases = nullptr;  ///< of the first layer, with the pose's share
  int resolution = 0;             ///< of the grid that the level is evaluated on
  int x = 0, y = 0;               ///< of the tile's first pixel; x is a multiple of kTileLength
  /// The results of the level before; null in the first one.
  const FeatureMap* features = nullptr;
  const AxisSample* columns = nullptr;  ///< of the grid on `features`
  AxisSample row{};                     ///< of y on `features`
};

/// Evaluates a tile. \param results  [padded outputs of the level's last layer][kTileLength], row by row at a
/// distance of \p stride
void draw_tile(const TileTask& task, TileScratch& scratch, float* results, std::size_t stride);

/// The instruction set that draw_tile() uses on this machine, for example "AVX3".
const char* kernel_target();

}  // namespace tha4
