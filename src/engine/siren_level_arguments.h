#pragma once

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
  int pose_size;
  int pose_stride;

  const float* map;  ///< [N][map size][map size][map stride], which is added to the first layer's sums
  int map_size;
  int map_stride;

  int resolution;  ///< pixels along a side of the whole frame
  int x, y, width, height;

  float* results;  ///< [N][resolution][resolution][result stride], of a level that draws a map: see WriteMap
  int result_stride;

  const float* image;  ///< [N][image size][image size][4], which a body rotator samples
  int image_size;
  float* blended;
  float* warped;
  float* direct;  ///< or all colours of a network that draws them
  float* alpha;
  float* flow;
  float* pasted;  ///< [N][image size][image size][4]: where colours are pasted at (paste_x, paste_y)
  int paste_x, paste_y;
};

}  // namespace tha4::kernels
