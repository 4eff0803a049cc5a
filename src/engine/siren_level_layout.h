#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "siren_matrices.h"

namespace tha4 {

/// What a level's results are: the values of OUTPUT in siren_level_settings.cu.
enum class SirenOutput { map, colors, body, frame };

/// How the kernel of siren_level.cu shares out a level: what follows from the widths of its layers and from
/// what a multiprocessor has room for.
struct SirenLevelLayout {
  std::vector<int> widths;  ///< of the sine layers
  int results = 0;          ///< outputs of the linear layer behind them
  SirenOutput output = SirenOutput::map;
  int team_warps = 1;   ///< that take a layer together: 1, or a warpgroup's 4
  int block_width = 1;  ///< a thread has the pixels of blocks of this width, two rows high
  int warps = 0;        ///< of a thread block
  /// Steps of 16 outputs in a chunk of weights, or of 16 inputs where a warpgroup takes it.
  int chunk_steps = 1;
  std::vector<int> chunk_offsets = {};  ///< where each chunk begins, in bytes, and where the last one ends
  int slot_bytes = 0;                   ///< of the largest chunk
  int stages = 0;                       ///< chunks in shared memory at a time; 0: all of them
  int biases = 0;                       ///< of the layers after the first, each padded to whole chunks
  /// Steps of 16 sines of the widest layer that is read by another one, in shared memory; 0: in registers.
  int kept_steps = 0;
  /// Cells of a row of the map that a team's tile is sampled from, through shared memory, where the map has
  /// half the resolution; 0: they are read where they are.
  int map_columns = 0;

  /// Of shared memory.
  std::size_t shared_bytes() const;
};

/// Inputs of one product of the tensor cores, and outputs of two: a step.
inline constexpr int kSirenStep = 16;

/// Steps of so many inputs or outputs.
int siren_steps(int features);

/// Numbers from a cell of a map to the next one, of which as many have a meaning as a level has results.
/// Neighbours lie in different banks of shared memory.
int siren_map_stride(int results);

/// Inputs and outputs of the layers whose weights come in chunks: all after the first, but for results that
/// make up pixels.
std::vector<std::pair<int, int>> chunked_layers(const SirenLevelLayout& layout);

/// Nothing where layers are so wide that a warp's registers do not hold two of them.
std::optional<SirenLevelLayout> lay_out_level(std::vector<int> widths, int results, SirenOutput output,
                                              std::size_t max_shared_bytes);

/// For warpgroups, of compute capability 9.0. Nothing where a level has one layer only, or one whose outputs
/// registers do not hold.
/// \param has_map  whether a level lies before this one
std::optional<SirenLevelLayout> lay_out_for_warpgroups(std::vector<int> widths, int results,
                                                       SirenOutput output, bool has_map,
                                                       std::size_t max_shared_bytes);

/// The best of these on a GPU of that compute capability (90: 9.0).
std::optional<SirenLevelLayout> lay_out_level(const SirenMatrices& level, SirenOutput output, bool has_map,
                                              int capability, std::size_t max_shared_bytes);

}  // namespace tha4
