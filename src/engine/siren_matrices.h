#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/weights/state_dict.h"

// A SIREN's weights as kernels need them: level by level, and each first layer taken apart.

namespace tha4 {

/// A linear layer: W [outputs, inputs] and b [outputs], float64 on the CPU.
struct LinearLayer {
  at::Tensor weights;
  at::Tensor biases;  ///< undefined for none
};

/// The layers of one level, as the networks have them: sines are of ω₀ times a layer's outputs.
struct SirenMatrices {
  int size = 0;            ///< width and height of its grid; 0: the frame's pixels, whatever its resolution
  at::Tensor of_position;  ///< [outputs, 2], of the first layer
  at::Tensor of_pose;      ///< [outputs, pose size]
  at::Tensor biases;       ///< [outputs]
  std::vector<LinearLayer> sine_layers;  ///< after the first one
  /// To what the network gives; or, before the last level, to the term of this level's features in the next
  /// level's first layer. That product and bilinear sampling commute, and it costs less on the coarser map.
  LinearLayer results;

  int outputs_of_first() const { return static_cast<int>(biases.size(0)); }
  int pose_size() const { return static_cast<int>(of_pose.size(1)); }
};

/// Of a network whose only child is the SIREN "siren": a face morpher, or the vanilla body rotator.
/// \param size  of its grid, see SirenMatrices
std::vector<SirenMatrices> siren_matrices(const StateDict& network, int size);

/// Of a body rotator of levels. Throws InputError where \p network is none.
std::vector<SirenMatrices> siren_matrices(const StateDict& network, SirenResolution resolution);

}  // namespace tha4
