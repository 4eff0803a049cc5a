#pragma once

#include <cstddef>

// The inner loops by which a SIREN learns on a CPU, compiled for several instruction sets, of which the best
// is chosen when the program runs (Google Highway).
//
// A tile of pixels goes through all layers of a level, forwards and then backwards, so that what lies between
// layers stays in the processor's caches. Operands of products are counted in units of 32 bits: a float32, or
// a pair of numbers of 16 bits.

namespace tha4 {

/// What is multiplied. Sums are of 32 bits either way.
enum class SirenNumbers {
  singles,  ///< float32
  pairs,    ///< numbers of 16 bits, in pairs: fixed-point ones forwards, bfloat16 backwards
};

/// How many numbers a unit has.
constexpr int numbers_of_unit(SirenNumbers numbers) {
  return numbers == SirenNumbers::pairs ? 2 : 1;
}

/// Whether this processor multiplies such numbers.
bool can_multiply(SirenNumbers numbers);

/// How many float32 a vector of the kernels has on this machine; at most kMaxTrainedLanes.
int trained_lanes();
inline constexpr int kMaxTrainedLanes = 16;

/// Pixels of a tile.
inline constexpr int kTrainedTile = 128;

/// Outputs whose weights lie together, unit of inputs by unit of inputs.
inline constexpr int kTrainedPanel = 6;

/// A fixed-point sine of 1.
inline constexpr int kTrainedOne = 1 << 13;

/// A layer after the first of its level.
struct TrainedMatrix {
  int inputs = 0;
  int outputs = 0;
  const float* forward = nullptr;   ///< units [panels of outputs][units of inputs][kTrainedPanel]
  const float* scales = nullptr;    ///< [padded outputs], of fixed-point sums
  const float* biases = nullptr;    ///< [padded outputs], in turns, as the sums times the scales
  const float* backward = nullptr;  ///< transposed: [panels of inputs][units of outputs][kTrainedPanel]
  float* gradient = nullptr;        ///< [outputs][inputs padded to vectors], added to
  float* bias_gradient = nullptr;   ///< [outputs padded to 2][lanes], added to
};

/// The layers of one level: the first is of positions and the map of the level before.
struct TrainedTileLevel {
  int channels = 0;                                                 ///< of the first layer
  const float *of_x = nullptr, *of_y = nullptr, *biases = nullptr;  ///< of it: [padded to 2], in turns
  float* first_gradient = nullptr;          ///< [g, g x, g y][channels padded to 2][lanes], added to
  const TrainedMatrix* matrices = nullptr;  ///< the last one gives the level's results
  int count = 0;                            ///< of matrices, as many as sine layers
};

/// Memory of one thread, for the widest layers of all levels.
struct TrainedTileScratch {
  float* operands[2] = {};  ///< [units of channels][kTrainedTile]
  float* rows = nullptr;    ///< [channels padded to kMaxTrainedLanes][kTrainedTile], 0 at first
};

/// One tile of a level. Planes are float [channel][stride], from the tile's first pixel on.
struct TrainedTile {
  const TrainedTileLevel* level = nullptr;
  int pixels = kTrainedTile;               ///< that count; some more may be calculated
  const float *x = nullptr, *y = nullptr;  ///< positions of the pixels' centres
  float* map = nullptr;  ///< planes of the first layer's channels, in turns, which are added to it; or null
  std::ptrdiff_t map_stride = 0;
  float* results = nullptr;  ///< planes
  std::ptrdiff_t result_stride = 0;
  float* const* sines = nullptr;    ///< of each sine layer: units [vectors of channels][pixels][lanes]
  float* const* cosines = nullptr;  ///< likewise: numbers [channels padded to 2][pixels]
};

/// Evaluates a tile: writes results, and the sines and cosines that differentiate_tile() needs.
void evaluate_tile(SirenNumbers numbers, const TrainedTile& tile, const TrainedTileScratch& scratch);

/// Adds to the gradients of all parameters what a tile has to them. `results` are their gradient now, and
/// `map` becomes that of the first layer's sums, of radians.
void differentiate_tile(SirenNumbers numbers, const TrainedTile& tile, const TrainedTileScratch& scratch);

}  // namespace tha4
