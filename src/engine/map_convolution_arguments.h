#pragma once

// The arguments of the kernel of map_convolution.cu, by name. The functions that launch it include this file,
// and the program's text begins with it, so that both sides read one declaration.

namespace tha4::kernels {

/// A map of 16-bit numbers, [images][height][width][channels].
struct MapOfNumbers {
  const void* values;
  const long long* sums;  ///< [images][channels][2]: of its numbers and of their squares, see kSumScale
  int channels;           ///< a multiple of the kernel's steps; 0: there is no such map
};

/// What becomes of a number after its norm.
enum class MapActivation { none = 0, silu = 1, relu = 2 };

/// What is added to results: a map of their channels, of their size, or of twice or half that.
enum class MapAddition { none = 0, same = 1, halved = 2, doubled = 3 };

/// The sums of maps are whole numbers, which are the same in whatever order they were added up: as many of
/// these make 1.
constexpr float kSumScale = 1 << 20, kSquareScale = 1 << 12;

/// A convolution of maps, one beside the other: of their numbers, or of what a group norm, scales and shifts
/// of a pose, and an activation make of them.
struct MapConvolution {
  static constexpr const char* kKernel = "convolve";

  MapOfNumbers from[2];
  int height, width;        ///< of these
  const float* gammas;      ///< of the norm, [channels]; null: there is none
  const float* betas;       ///< [channels]
  int groups;               ///< of the norm
  double fraction;          ///< of one number in a group: 1 / how many it has
  const float* conditions;  ///< [images][condition_step]: scales, then shifts, of each channel; null: none
  int condition_step;

  const void* weights;  ///< see pack_map_weights()
  const float* biases;  ///< [outputs]
  int outputs;          ///< a multiple of what a thread block computes

  MapOfNumbers skipped[2];   ///< whose numbers pass through a convolution of their own; of the results' size
  const void* skip_weights;  ///< of one place

  const void* added;  ///< a map of `addition`
  MapAddition addition;

  void* to;            ///< a map of the results, or null
  long long* to_sums;  ///< its sums, which are added to, or null
  float* floats;       ///< the results in float32, or null
  int to_channels;     ///< from a pixel of the results to the next one: at most `outputs`

  int result_height, result_width;  ///< without what doubling makes of it
  int tiles_x, tiles_y;
  int tiles;  ///< of all images, kinds and outputs: of thread blocks that go from one to the next
};

/// Makes numbers of a map what norm and activation make of them, adds another map, and puts the parameters of
/// a pose behind the channels of each pixel.
struct MapSettlement {
  static constexpr const char* kKernel = "settle";

  MapOfNumbers from;
  int pixels;           ///< of an image
  double fraction;      ///< of a pixel: 1 / pixels
  const float* gammas;  ///< of a norm of each channel
  const float* betas;
  MapActivation activation;
  const void* added;   ///< a map of the same size, or null
  const float* poses;  ///< [images][pose_size]
  int pose_size;
  void* to;
  int to_channels;  ///< zeros beyond the parameters
};

}  // namespace tha4::kernels
