#pragma once

#include <cstdint>

#include "pixel_colors.h"

// The pixels of a body rotator whose maps move, on a CPU.

namespace tha4 {

/// A pose's maps, whole, and the gradients of their cells, which are added to. Channels of a cell lie beside
/// each other.
struct MovingMaps {
  const float* motion = nullptr;  ///< [motion_size][motion_size][2]
  const float* flow = nullptr;    ///< [flow_size][flow_size][2]
  const float* alpha = nullptr;   ///< [appearance_size][appearance_size]
  const float* drawn = nullptr;   ///< [appearance_size][appearance_size][4]
  float* motion_gradient = nullptr;
  float* flow_gradient = nullptr;
  float* alpha_gradient = nullptr;
  float* drawn_gradient = nullptr;
  int motion_size = 0, flow_size = 0, appearance_size = 0;
};

/// A frame that is compared with what maps make of the rest image.
struct MovingFrame {
  MovingMaps maps = {};
  const float* image = nullptr;            ///< the rest image with a face, [512][512][4]
  Region region = {};                      ///< pixels that are known
  const std::int16_t* expected = nullptr;  ///< of the region, [height][width][4]
  const Between* columns = nullptr;        ///< where the region's columns lie in the motion's map
  const Between* rows = nullptr;
  const PixelSpan* spans = nullptr;  ///< of each of the region's rows, the pixels that are compared
  int first_row = 0, row_step = 1;   ///< of the rows that are compared
  float* row = nullptr;              ///< memory for a row of the motion, and its gradient
  float* row_gradient = nullptr;
  float gradient = 0;          ///< of the absolute error of a value
  float squared_gradient = 0;  ///< half that of its square
};

/// The sum of all errors' absolute values times `gradient`, and of their squares times `squared_gradient`.
/// Adds the gradients of that to those of the maps' cells.
double compare_frame(const MovingFrame& frame);

}  // namespace tha4
