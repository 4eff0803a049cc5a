#pragma once

#include <optional>
#include <string>
#include <vector>

#include "siren_level_arguments.h"
#include "siren_matrices.h"
#include <ATen/core/Tensor.h>

#include "tha4/base/cuda_program.h"

namespace tha4 {

/// What a level's results are: the values of OUTPUT in siren_level_settings.cu.
enum class SirenOutput { map, colors, body };

/// How the kernel of siren_level.cu shares out a level: what follows from the widths of its layers and from
/// what a multiprocessor has room for.
struct SirenLevelLayout {
  std::vector<int> widths;  ///< of the sine layers
  int results = 0;          ///< outputs of the linear layer behind them
  SirenOutput output = SirenOutput::map;
  int block_width = 1;                  ///< a thread has the pixels of blocks of this width, two rows high
  int warps = 0;                        ///< of a thread block
  int chunk_pairs = 1;                  ///< steps of 16 outputs in a chunk of weights
  std::vector<int> chunk_offsets = {};  ///< where each chunk begins, in bytes, and where the last one ends
  int slot_bytes = 0;                   ///< of the largest chunk
  int stages = 0;                       ///< chunks in shared memory at a time; 0: all of them
  int biases = 0;                       ///< of the layers after the first, each padded to whole chunks
  int kept_steps = 0;                   ///< steps of 16 sines of the widest layer that is read by another one

  /// Of shared memory.
  std::size_t shared_bytes() const;
};

/// Nothing where layers are so wide that a warp's registers do not hold two of them.
std::optional<SirenLevelLayout> lay_out_level(std::vector<int> widths, int results, SirenOutput output,
                                              std::size_t max_shared_bytes);
std::optional<SirenLevelLayout> lay_out_level(const SirenMatrices& level, SirenOutput output,
                                              std::size_t max_shared_bytes);

/// The kernel for a level of that layout, compiled when it is first launched.
/// \param has_map       whether a map is sampled for the first layer
/// \param shares_cells  whether that map has half the level's resolution
CudaProgram siren_level_program(const SirenLevelLayout& layout, bool has_map, bool shares_cells);

/// W [outputs, inputs] as the tensor cores take it: float16 [chunks * pairs, 16 inputs, lane, 8], where a
/// lane has its numbers of 16 outputs and 16 inputs together. Outputs and inputs too many are 0.
at::Tensor pack_weights(const at::Tensor& weights, int chunk_pairs);

/// W [up to 8, inputs] likewise, [1, 16 inputs, lane, 8]: in the place of further outputs lies what rounding
/// to float16 took away from these.
at::Tensor pack_result_weights(const at::Tensor& weights);

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

  /// Queues the level for N poses. \param arguments  all that the level itself does not know: poses, map,
  /// region and where results go
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
