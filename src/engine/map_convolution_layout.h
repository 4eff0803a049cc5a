#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "map_convolution_arguments.h"

#include "tha4/base/cuda_program.h"

namespace tha4 {

/// A convolution of maps, as far as the kernels of map_convolution.cu and map_warpgroups.cu are laid out for
/// it.
struct MapConvolutionShape {
  int images = 1;
  int height = 0, width = 0;  ///< of the results, or of what each counts as 2x2 of
  int taps = 9;         ///< 9: 3x3; 4: 3x3 of pixels that count as 2x2; 16: 4x4 of every other pixel; 1: 1x1
  bool halves = false;  ///< whether means of 2x2 pixels are convolved
  kernels::MapActivation activation = kernels::MapActivation::none;  ///< after a norm
  std::vector<int> inputs;                                           ///< channels of each map
  std::vector<int> skipped;  ///< channels of the maps that pass through a convolution of their own
  int outputs = 0;           ///< padded, see padded_map_outputs()

  auto operator<=>(const MapConvolutionShape&) const = default;
};

/// How a kernel shares out a convolution: the macros of map_inputs.cu.
struct MapConvolutionLayout {
  int taps = 9;
  bool halves = false;
  kernels::MapActivation activation = kernels::MapActivation::none;
  int step = 32;        ///< channels at a time: 16 or 32
  int teams = 1;        ///< of four warps
  int blocks = 1;       ///< of 64 pixels that a team computes
  int outputs = 16;     ///< that a thread block computes
  int splits = 1;       ///< thread blocks that share the inputs
  int slots = 4;        ///< of weights
  int loaders = 0;      ///< teams that load for the others, in map_warpgroups.cu; 0: map_convolution.cu
  int patches = 2;      ///< of pixels with their border
  int resident = 1;     ///< thread blocks of a multiprocessor that registers are shared out for
  bool copies = false;  ///< whether patches are copied as they are before they are made

  auto operator<=>(const MapConvolutionLayout&) const = default;

  /// Whether a slot has the weights of all places beside each other, or of one.
  bool takes_rows() const { return outputs <= 128 && !(has_warpgroups() && resident > 1 && outputs == 128); }
  /// Whether products are those of warpgroups.
  bool has_warpgroups() const { return loaders > 0; }
  int threads() const { return 128 * (teams + loaders); }
  int tile_width() const { return teams * blocks > 1 ? 16 : 8; }
  int tile_height() const { return teams * blocks > 1 ? 4 * teams * blocks : 8; }
  int tile_pixels() const { return 64 * teams * blocks; }
  /// Thread blocks that a multiprocessor has registers and shared memory for, where as many registers as the
  /// compiler likes are taken.
  int usual_resident(std::size_t shared_bytes_of_multiprocessor) const;
  /// Thread blocks that there is shared memory for.
  int max_resident(std::size_t shared_bytes_of_multiprocessor) const;
  /// Of shared memory.
  /// \param inputs  channels
  /// \param groups  of their norm
  std::size_t shared_bytes(int inputs, int groups) const;
  std::vector<std::string> defines() const;

 private:
  int patch_pixels() const;
  std::size_t pipeline_bytes() const;
};

/// How many tiles a convolution has, each with its kind and outputs.
int tiles_of(const MapConvolutionShape& shape, const MapConvolutionLayout& layout);

/// Channels at a time that all maps of \p shape have a multiple of.
int step_of(const MapConvolutionShape& shape);

/// Channels that results are computed of: at least \p outputs.
int padded_map_outputs(int outputs);

/// All layouts that the kernel of map_convolution.cu can have for \p shape.
std::vector<MapConvolutionLayout> possible_layouts(const MapConvolutionShape& shape,
                                                   const CudaLimits& limits);

/// All layouts that the kernel of map_warpgroups.cu can have for \p shape; none on GPUs that do not have its
/// instructions.
std::vector<MapConvolutionLayout> warpgroup_layouts(const MapConvolutionShape& shape,
                                                    const CudaLimits& limits);

/// About how long the kernel of map_convolution.cu takes, in cycles.
double estimated_cycles(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
                        const CudaLimits& limits);

/// The one of that kernel that is estimated to be fastest.
MapConvolutionLayout best_layout(const MapConvolutionShape& shape, const CudaLimits& limits);

}  // namespace tha4
