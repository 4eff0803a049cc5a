#pragma once

// The arguments of the kernels of rotated_pixels.cu, by name; see channels_last_arguments.h.

namespace tha4::kernels {

/// Images whose numbers may lie in any order: how far it is from one to the next, in numbers.
struct PixelSource {
  const float* values;
  long long image;  ///< 0 where all poses have the same image
  long long channel, row, column;
};

/// Contiguous images of float32 and of one size: what RotatorOutput has.
struct RotatedPixels {
  float* blended;
  float* warped;
  float* direct;
  float* alpha;
  float* flow;
};

/// rotator_output(), a thread for each pixel.
struct RotatePixels {
  static constexpr const char* kKernel = "rotate_pixels";
  PixelSource channels;
  PixelSource image;
  RotatedPixels to;
  int height, width;
  long long count;  ///< pixels of all images
};

/// What becomes of a rotator's output of half the size when a residual editor has changed it, a thread for
/// each pixel.
struct EditPixels {
  static constexpr const char* kKernel = "edit_pixels";
  PixelSource change;  ///< of half the size: 2x2 pixels of a channel are channels beside each other
  PixelSource image;
  PixelSource coarse_direct;
  PixelSource coarse_alpha;
  PixelSource coarse_flow;
  float min_alpha;        ///< coarse alphas are kept so far from 0 and 1
  float max_flow_change;  ///< in half pictures
  RotatedPixels to;
  int height, width;
  long long count;
};

/// What the paper's editor looks at, a thread for each pixel: the image, the coarse result, the image through
/// the coarse flow, and that flow.
struct GatherCoarse {
  static constexpr const char* kKernel = "gather_coarse";
  PixelSource image;
  PixelSource coarse_posed;
  PixelSource coarse_flow;
  void* to;  ///< [images][14][height][width], of the program's type
  int height, width;
  long long count;
};

/// What a residual editor looks at, a thread for each place, which 2x2 pixels share: the image and the image
/// through the coarse flow, 2x2 pixels of a channel beside each other, then the coarse output of half the
/// size.
struct GatherFolded {
  static constexpr const char* kKernel = "gather_folded";
  PixelSource image;
  PixelSource coarse_blended;
  PixelSource coarse_direct;
  PixelSource coarse_alpha;
  PixelSource coarse_flow;
  void* to;           ///< [images][43][height][width], of the program's type
  int height, width;  ///< of the places
  long long count;    ///< places of all images
};

}  // namespace tha4::kernels
