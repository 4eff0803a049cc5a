#pragma once

#include <cstddef>

// The tiles of a blendshape that is tuned on a CPU: drawn into maps for a batch of poses, and its images
// taken a step down the gradient of those maps.

namespace tha4 {

/// Channels of a map that lie beside each other in each cell.
struct CellGroup {
  int channels = 0;            ///< 1, 2 or 4
  float* cells = nullptr;      ///< of the first pose, the first cell of the tile
  float* gradients = nullptr;  ///< likewise
  std::ptrdiff_t row = 0;      ///< floats from a row of cells to the next
  std::ptrdiff_t pose = 0;     ///< and from a pose to the next
};

inline constexpr int kMaxCellGroups = 2;

/// One tile, for all poses of a batch.
struct TunedTile {
  int poses = 0;
  int images = 0;
  int side = 0;                 ///< in cells
  int channels = 0;             ///< of all groups together
  const float* mean = nullptr;  ///< [channels][side][side]
  float* basis = nullptr;       ///< [images][channels][side][side]; so are Adam's moments
  float* first_moments = nullptr;
  float* second_moments = nullptr;
  const float* weights = nullptr;         ///< [images] of the first pose
  float* weight_gradients = nullptr;      ///< likewise
  std::ptrdiff_t weights_of_pose = 0;     ///< floats from a pose to the next
  CellGroup groups[kMaxCellGroups] = {};  ///< the last ones may have no channels

  int values() const { return channels * side * side; }
};

/// A step of Adam with decoupled weight decay.
struct TileStep {
  float beta1 = 0, beta2 = 0;
  float kept = 1;        ///< what weight decay leaves
  float rate = 0;        ///< divided by the first moment's correction
  float correction = 1;  ///< square root of the second moment's
  float epsilon = 0;
};

/// Floats of memory that the functions below need.
std::size_t tile_scratch_floats(int poses, int values, int images);

/// Draws the tile for each pose; its gradients become 0.
void draw_tile(const TunedTile& tile, float* scratch);

/// From the gradients of the cells: writes those of the weights, and steps the images.
void tune_tile(const TunedTile& tile, const TileStep& step, float* scratch);

}  // namespace tha4
