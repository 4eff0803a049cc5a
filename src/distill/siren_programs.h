#pragma once

#include <cstddef>
#include <optional>

#include "siren_layout.h"

#include "tha4/base/cuda_program.h"

// The programs by which a SIREN learns on a GPU, each compiled for the sizes at hand.

namespace tha4 {

/// Layouts for a GPU whose blocks can have so much shared memory; nothing for layers that are too wide.
std::optional<ChainLayout> forward_layout(const TrainedLevel& level, std::size_t shared_bytes);
std::optional<ChainLayout> backward_layout(const TrainedLevel& level, std::size_t shared_bytes);

/// Of the kernel SirenForward.
/// \param has_map  whether there is a level before
/// \param is_last  whether there is none behind
CudaProgram siren_forward_program(const TrainedLevel& level, const ChainLayout& layout, bool has_map,
                                  bool is_last);

/// Of SirenBackward.
CudaProgram siren_backward_program(const TrainedLevel& level, const ChainLayout& layout);

/// How the sums that are the gradient of a matrix are divided.
struct WeightGradientLayout {
  static constexpr int kWarps = 8;  ///< of a block

  int output_steps = 0, input_steps = 0;  ///< of 16, of a block's tile
  int tiles = 0;                          ///< of the matrix
  int warps_out = 0;                      ///< that divide a tile's outputs
  int pixels = 0;                         ///< that are multiplied at a time

  std::size_t shared_bytes() const;
};

/// Of a matrix of so many steps of 16.
WeightGradientLayout lay_out_weight_gradient(int output_steps, int input_steps);

/// Of SirenWeightGradient.
/// \param is_first  whether the layer's inputs are positions and poses
CudaProgram siren_weight_gradient_program(const WeightGradientLayout& layout, bool is_first);

/// Of SirenMapGradient.
CudaProgram siren_map_gradient_program();

/// Of SirenNextStep, SirenPoseTerm, SirenGradientSum, SirenDirection and SirenUpdate.
CudaProgram siren_update_program();

/// Of what SirenSoap is the arguments of.
CudaProgram siren_soap_program();

/// Of BodyLoss, FaceLoss and LossSum.
CudaProgram student_losses_program();

}  // namespace tha4
