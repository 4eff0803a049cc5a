#pragma once

#include "siren_level_arguments.h"
#include "siren_level_layout.h"
#include "siren_matrices.h"
#include <ATen/core/Tensor.h>

#include "tha4/base/cuda_program.h"

namespace tha4 {

/// The kernel for a level of that layout, compiled when it is first launched.
/// \param pose_size     parameters of a pose that the first layer reads
/// \param has_map       whether a map is sampled for the first layer
/// \param shares_cells  whether that map has half the level's resolution
CudaProgram siren_level_program(const SirenLevelLayout& layout, int pose_size, bool has_map,
                                bool shares_cells);

/// One level of a SIREN on a GPU.
class GpuSirenLevel {
 public:
  /// Throws Error where lay_out_level() gives nothing.
  /// \param has_map  whether a level lies before this one
  GpuSirenLevel(const SirenMatrices& level, SirenOutput output, bool has_map, c10::Device device);

  /// Width and height of its grid; 0: the frame's pixels.
  int size() const { return size_; }

  /// Numbers of a cell of the map that it draws: its results and some that mean nothing.
  int result_stride() const;

  /// Queues the level for N poses.
  /// \param arguments  all that the level itself does not know: poses, map, region and where results go
  void draw(kernels::SirenLevel arguments, int poses) const;

 private:
  const CudaProgram& program(bool shares_cells) const { return shares_cells ? shared_cells_ : own_cells_; }

  int size_;
  c10::Device device_;
  CudaLimits limits_;
  SirenLevelLayout layout_;
  CudaProgram own_cells_, shared_cells_;
  at::Tensor weights_;                         ///< float16, of the layers after the first
  at::Tensor first_;                           ///< [3, padded outputs]
  at::Tensor of_pose_;                         ///< [pose size, padded outputs]
  at::Tensor biases_;                          ///< of the layers after the first
  at::Tensor result_weights_, result_biases_;  ///< of results that make up pixels
};

}  // namespace tha4
