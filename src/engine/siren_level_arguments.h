#pragma once

#include "body_pixels_arguments.h"

// The arguments of the kernel of siren_level.cu, by name. The function that launches it includes this file,
// and the program's text begins with it, so that both sides read one declaration.

namespace tha4::kernels {

/// Evaluates the layers of one level of a SIREN at the pixels of a region, for as many poses as the grid has
/// rows. Planes are [N, channels, height, width] of the region; those that are null are not written.
struct SirenLevel {
  static constexpr const char* kKernel = "siren_level";

  const void* weights;         ///< of the layers after the first, in the order in which they are used
  const void* result_weights;  ///< of the results that make up pixels: rounded, and what rounding took away
  const float* result_biases;  ///< [8]
  const float* first;          ///< [3][padded width]: of x, of y, and biases, of the first layer
  const float* of_pose;        ///< [pose size][padded width], of the first layer
  const float* biases;         ///< of the layers after the first, each padded to whole chunks
  const float* poses;  ///< [N][pose stride]; null: the one pose is `pose`, which need not be copied first
  float pose[48];
  int pose_stride;

  const float* map;  ///< [N][map size][map size][map stride], which is added to the first layer's sums
  int map_size;
  int map_stride;

  int resolution;  ///< pixels along a side of the whole frame
  int x, y, width, height;

  float* results;  ///< [N][resolution][resolution][result stride], of a level that draws a map: see WriteMap
  int result_stride;

  float* colors;  ///< of a network that draws a part of the image: its planes
  float* pasted;  ///< [N][pasted size][pasted size][4]: where they are pasted at (paste_x, paste_y)
  int pasted_size;
  int paste_x, paste_y;

  BodyPixels body;  ///< of a body rotator, of the same region
};

}  // namespace tha4::kernels
