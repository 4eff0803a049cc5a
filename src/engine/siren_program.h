#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "siren_matrices.h"

#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/student_kind.h"

// A SIREN as the kernels of siren_kernels.h evaluate it. All that can be worked out beforehand is:
//
// Sines are taken of turns. ω₀ / 2π is multiplied into weights and biases, so that a whole number of turns is
// all that is subtracted before the sine.
//
// The first layer of a level is of (x, y) and the pose. The pose's term is one number for each neuron, the
// same at all pixels.
//
// All other products are of sines, which lie within [-1, 1]. They are fixed-point numbers of 16 bits,
// multiplied in pairs and added up in 32 bits without any rounding, which is twice as fast as float32. Where
// the sum is of turns, 32 bits are a whole number of turns: what overflows them is just what the next sine
// does not see.

namespace tha4 {

/// Sines are kept as integers, this one for 1.
inline constexpr int kFixedPointOne = 1 << 13;

/// Outputs whose weights lie together, pair of inputs by pair of inputs.
inline constexpr int kPanelOutputs = 6;

/// y = W s + b of fixed-point sines s, or the part of some of them in that. Each output has a scale of its
/// own.
struct FixedPointLayer {
  int first_input = 0;  ///< even: the sines before it belong to other parts
  int inputs = 0;       ///< even; there are weights of 0 for one too many
  int panels = 0;  ///< of kPanelOutputs; the last may have outputs of 0 too many, which are even in number
  std::vector<std::int16_t> weights;  ///< [panels][inputs / 2][kPanelOutputs][2]
  std::vector<float> scales;          ///< [panels * kPanelOutputs], of a sum of integers
  std::vector<float> biases;          ///< [panels * kPanelOutputs]

  /// Outputs with those too many.
  int padded_outputs() const { return panels * kPanelOutputs; }
};

/// A layer whose results are turns, whose sums may overflow.
/// \param weights  float64 [outputs, inputs], in turns
/// \param biases   float64 [outputs]
FixedPointLayer make_turns_layer(const at::Tensor& weights, const at::Tensor& biases);

/// A layer whose sums must not overflow, in parts of a few inputs, so that weights have bits enough all the
/// same. The first one has the biases, undefined for none.
std::vector<FixedPointLayer> make_sum_layer(const at::Tensor& weights, const at::Tensor& biases);

/// The first layer of a level, in turns: x W_x + y W_y + b, b with the term of one pose.
struct FirstSineLayer {
  int outputs = 0;
  std::vector<float> of_x, of_y;  ///< [outputs], and a 0 where the number is odd
  at::Tensor of_pose;             ///< [outputs, pose size]
  at::Tensor biases;              ///< [outputs]

  /// Writes b of \p pose, [pose size].
  /// \param values  as many as of_x
  void biases_of(const float* pose, std::vector<float>& values) const;
};

/// Layers that are evaluated at the cells of one grid.
struct SirenProgramLevel {
  int size = 0;  ///< width and height of the grid; 0: the frame's pixels, whatever its resolution
  FirstSineLayer first;
  std::vector<FixedPointLayer> sine_layers;
  /// To the next level's turns, or, in the last level, to what the network gives; in parts that are added
  /// up.
  std::vector<FixedPointLayer> results;

  int padded_results() const { return results.front().padded_outputs(); }
};

struct SirenProgram {
  int pose_size = 0;
  std::vector<SirenProgramLevel> levels;
};

SirenProgram make_siren_program(std::span<const SirenMatrices> levels);

/// How the levels of a character's body rotator grow, which must be a SIREN of levels.
inline SirenResolution resolution_of(BodyRotatorKind kind) {
  return kind == BodyRotatorKind::siren ? SirenResolution::multiple : SirenResolution::single;
}

/// Of the body rotator \p network, whose levels grow as \p resolution says.
SirenProgram body_program(const torch::nn::Module& network, SirenResolution resolution);

}  // namespace tha4
