#pragma once

// The arguments of the kernels of map_planes.cu, by name; see map_convolution_arguments.h.

namespace tha4::kernels {

/// A map of what lies in planes: FOLD by FOLD pixels of a plane are channels beside each other, row by row.
struct ReadPlanes {
  static constexpr const char* kKernel = "read_planes";

  const void* planes;  ///< of float32, or of 16 bits as the map's
  bool are_floats;
  long long image, channel, row, column;  ///< from one to the next, in numbers
  int channels;                           ///< of the planes
  int fold;
  void* to;           ///< [images][height][width][to_channels], zeros beyond the planes' channels
  int height, width;  ///< of the map
  int to_channels;    ///< a multiple of 8
  long long places;   ///< of all images
};

/// Planes of what is in a map of float32, the reverse.
struct WritePlanes {
  static constexpr const char* kKernel = "write_planes";

  const float* map;  ///< [images][height][width][map_channels]
  int map_channels;
  int height, width;  ///< of the map
  int fold;
  float* planes;  ///< [images][channels][fold * height][fold * width]
  int channels;
  long long pixels;  ///< of the planes of all images
};

}  // namespace tha4::kernels
