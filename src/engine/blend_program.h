#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"

// Blendshapes as the kernels of blend_kernels.h evaluate them: a small MLP of the pose gives weights, and a
// sum of bases is taken with them.
//
// Bases are integers of 8 bits, each with a step of its own. What that rounds off is scaled by the basis's
// weight, and the first bases of a flow have weights so large that it would be seen: these are kept in 16
// bits, as two bases of 8 bits with the same weight, the second one of what the first one's rounding left.
// Which ones, is found by the weights of natural poses.
//
// For a pose, weights become integers of 16 bits, so that products are added up in pairs without any
// rounding; pairs of bases that add next to nothing are left out.

namespace tha4 {

/// Values of a sum that are worked out at a time.
inline constexpr int kBlendChunk = 64;

/// Outputs of a layer whose weights lie together, and its inputs are so many at a time.
inline constexpr int kBlendOutputs = 16;
inline constexpr int kBlendInputs = 4;

/// What a sum may be wrong by, in all, by what is left out or rounded. Of colours: half of the narrowest step
/// of 8-bit sRGB. Of flows: a 64th of a pixel of a frame of 512.
inline constexpr double kColorTolerance = 1.0 / 4096;
inline constexpr double kFlowTolerance = 2.0 / 512 / 64;

/// y = W x + b, W in 16 bits with a scale for each output.
struct BlendLayer {
  int inputs = 0;                     ///< a multiple of kBlendInputs; weights of those too many are 0
  int outputs = 0;                    ///< a multiple of kBlendOutputs; those too many are 0
  std::vector<std::int16_t> weights;  ///< [outputs / kBlendOutputs][inputs][kBlendOutputs]
  std::vector<float> scales, biases;  ///< [outputs]
};

/// The layers of an MLP up to what its last layer is given.
struct BlendHiddenLayers {
  std::vector<float> input_scale;  ///< [pose parameters]
  std::vector<BlendLayer> layers;  ///< SiLU after each

  /// The most values between layers.
  int width() const;
};

/// A constant plus the weighted sum of bases.
struct BlendBasis {
  int values = 0;                     ///< a multiple of kBlendChunk
  int pairs = 0;                      ///< of bases
  std::vector<std::int8_t> integers;  ///< [values / kBlendChunk][pairs][kBlendChunk][2]
  std::vector<float> steps;           ///< [2 * pairs], what 1 stands for
  std::vector<int> weight_of;         ///< [2 * pairs], index of its weight
  std::vector<float> mean;            ///< [values]
  float negligible = 0;               ///< a basis that adds less everywhere is left out

  int chunks() const { return values / kBlendChunk; }
  const std::int8_t* chunk(int index) const {
    return integers.data() + static_cast<std::ptrdiff_t>(index) * pairs * kBlendChunk * 2;
  }
};

/// A pair of bases that counts, and its two weights, 16 bits each, the first one's in the lower half.
struct WeightedPair {
  std::int32_t pair;
  std::int32_t weights;
};

/// The pairs that count with \p weights, as they are given by the last layer.
/// \param pairs  is overwritten
/// \return what 1 stands for in a sum of integers
float weigh_pairs(const BlendBasis& basis, const float* weights, std::vector<WeightedPair>& pairs);

/// A tile of a map: [channels][side][side] values, of which `weights` are a product of the MLP's last layer.
struct BlendTile {
  int x = 0, y = 0;  ///< of the first cell
  BlendLayer weights;
  BlendBasis basis;
};

/// A tiled blendshape.
struct TiledBlendProgram {
  int channels = 0, size = 0, tile_size = 0;
  BlendHiddenLayers hidden;
  std::vector<BlendTile> tiles;  ///< that have a basis
  at::Tensor mean;               ///< float32 [channels, size, size]
  float negligible = 0;          ///< a mean that is nowhere larger is none
};

/// A region of a face: [4][pixels] values.
struct BlendRegion {
  std::vector<int> pixels;  ///< row-major indices into the face crop
  BlendHiddenLayers hidden;
  BlendLayer weights;
  BlendBasis basis;
};

/// A blendshape face morpher.
struct FaceBlendProgram {
  at::Tensor mean;  ///< float32 [4, 128, 128]
  std::vector<BlendRegion> regions;
};

/// \param tolerance  kColorTolerance or kFlowTolerance
TiledBlendProgram make_blend_program(TiledBlendshapeImpl& map, double tolerance);
FaceBlendProgram make_blend_program(BlendshapeFaceMorpherImpl& face);

}  // namespace tha4
