#pragma once

#include "body_pixels_arguments.h"

// The arguments of the kernels of blendshape.cu, by name: see siren_level_arguments.h. Weights and bases lie
// in one piece of memory, as blend_program.h describes them; places in it are counted in bytes.

namespace tha4::kernels {

/// A BlendLayer.
struct BlendLayerPlace {
  int weights, scales, biases;
  int inputs, outputs;
};

/// A BlendHiddenLayers.
struct BlendMlpPlace {
  int input_scale;
  int inputs;
  int layers;  ///< [layer count] of BlendLayerPlace
  int layer_count;
};

/// A part of a weighted sum of bases.
struct BlendSumPlace {
  int mlp;  ///< whose last layer is `weights`
  BlendLayerPlace weights;
  int integers, steps, weight_of, mean;  ///< of the BlendBasis
  int pairs;
  float negligible;
  int values;  ///< of the whole sum, without those that fill up chunks
  int first_chunk, chunks;
  int result;      ///< where the sum begins among the results of a pose, in numbers
  int side;        ///< of a tile of a map; 0: values lie one after the other
  int row, plane;  ///< from a row, or a channel, of the map to the next one, in numbers
  int x, y;        ///< of the tile, in cells
};

/// The hidden layers of as many MLPs as the grid is wide, for as many poses as it is high.
struct BlendHidden {
  static constexpr const char* kKernel = "blend_hidden";

  const char* data;
  int mlps;            ///< [MLPs] of BlendMlpPlace
  int width;           ///< the most values between layers
  const float* poses;  ///< [N][pose stride]; null: the one pose is `pose`
  float pose[48];
  int pose_stride;
  float* values;  ///< [N][MLPs][width]
};

/// Sums of bases: as many parts as the grid is wide.
struct BlendSum {
  static constexpr const char* kKernel = "blend_sum";

  const char* data;
  int sums;              ///< [parts] of BlendSumPlace
  const float* values;   ///< of BlendHidden
  int mlp_count, width;  ///< likewise
  int max_outputs;       ///< of a sum's weights
  int needed[3][4];      ///< of the first MLPs' maps: cells from (x, y) to (x, y), without the last ones
  float* results;        ///< [N][results of a pose]
  int result_stride;
};

/// A face crop, of the sums of its regions.
struct BlendFace {
  static constexpr const char* kKernel = "blend_face";

  const float* mean;  ///< [4][size][size]
  const int* places;  ///< [regions][size][size]: of a pixel's red among the sums of a pose; -1: it has none
  const int* planes;  ///< [regions]: from a colour to the next one
  int regions;
  const float* sums;  ///< [N][sum stride]
  int sum_stride;
  int size;
  float* face;    ///< [N][4][size][size]; null: not written
  float* pasted;  ///< see SirenLevel
  int pasted_size;
  int paste_x, paste_y;
};

/// The pixels of a body rotator, of its maps.
struct BlendPixels {
  static constexpr const char* kKernel = "blend_pixels";

  const float* maps;  ///< [N][map stride]: [2][flow size][flow size], [5][appearance size][appearance size],
                      ///< [2][motion size][motion size]
  int map_stride;
  int flow_size, appearance_size;
  int motion_size;  ///< 0: the other two maps stay where they are
  BodyPixels body;
};

}  // namespace tha4::kernels
