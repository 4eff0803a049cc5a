#pragma once

#include <cstdint>

#include "feature_map.h"
#include "siren_program.h"
#include "tile_scratch.h"

// The inner loops of SIRENs on CPUs, compiled for several instruction sets, of which the best is chosen when
// the program runs (Google Highway).

namespace tha4 {

/// Pixels beside each other: part of a tile.
struct TilePart {
  int x, y;  ///< of the first one; x is even
};

/// One tile of one level. Its pixels come in parts, which may lie anywhere: a row of a small grid has few
/// pixels that are needed.
struct TileTask {
  const SirenProgramLevel* level = nullptr;
  const float* biases = nullptr;  ///< of the first layer, with the pose's term
  int resolution = 0;             ///< of the grid that the level is evaluated on
  int part_length = kTileLength;  ///< divides kTileLength
  const TilePart* parts = nullptr;
  /// The results of the level before; null in the first one.
  const FeatureMap* features = nullptr;
  const AxisSample* samples = nullptr;  ///< of the grid's columns, and of its rows, on `features`
};

/// Evaluates a tile.
/// \param results  [padded outputs of the level's last layer][kTileLength], part after part; what is of
/// pixels beyond the grid means nothing
void draw_tile(const TileTask& task, TileScratch& scratch, float* results);

/// One layer alone: a tile's \p sines, as draw_tile() keeps them, become \p results [padded
/// outputs][kTileLength].
void multiply_tile(const FixedPointLayer& layer, const std::int16_t* sines, float* results);

/// The instruction set that draw_tile() uses on this machine, for example "AVX3".
const char* kernel_target();

}  // namespace tha4
