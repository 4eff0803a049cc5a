#pragma once

// Where the pixels go that a body rotator draws on a GPU: a part of the arguments of kernels, by name. What
// launches them includes this file, and the programs' texts begin with it.

namespace tha4::kernels {

/// Planes are [N, channels, height, width] of the region that is drawn; those that are null are not written.
struct BodyPixels {
  const float* image;  ///< [N][image size][image size][4], which is warped
  int image_size;

  int resolution;  ///< pixels along a side of the whole frame
  int x, y, width, height;

  float* blended;
  float* warped;
  float* direct;
  float* alpha;
  float* flow;

  unsigned* picture;         ///< [N][height][width], R, G, B, A of 8 bits, sRGB
  const float* next_levels;  ///< [256], from where on linear light is the next level of sRGB
  int premultiplied;         ///< whether the picture's colours are multiplied by its alpha
};

}  // namespace tha4::kernels
