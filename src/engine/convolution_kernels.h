#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "channel_map.h"
#include "packed_convolution.h"
#include <hwy/aligned_allocator.h>

// Convolutions of maps on CPUs, compiled for several instruction sets, of which the best is chosen when the
// program runs (Google Highway). 3x3 convolutions go by Winograd's F(2x2, 3x3) (Lavin and Gray 2016): of 4x4
// inputs and of the weights there are sums beforehand, 16 products take the place of 36, and sums of these
// are the 2x2 outputs of a tile. Where a result reads only two pixels of an axis, 9 products take the place
// of 16 (F(2x2, 2x2)): where each input pixel counts as 2x2; of 4x4 weights that double the size, of which
// each of 2x2 results takes 2x2; and of those that halve it, of which each of 2x2 pixels meets 2x2.

namespace tha4 {

/// Tiles that go through a convolution together.
inline constexpr int kBlockTiles = 32;

/// Memory of one thread.
class ConvolutionScratch {
 public:
  /// For products of `inputs` padded channels.
  std::byte* inputs(int inputs, MapType type);
  float* products() { return products_.get(); }

 private:
  hwy::AlignedFreeUniquePtr<std::byte[]> inputs_;
  std::size_t bytes_ = 0;
  hwy::AlignedFreeUniquePtr<float[]> products_ =
      hwy::AllocateAligned<float>(kMaxPoints * (kBlockTiles * kPanelWidth + kChannelStep));
};

/// How what is added to a convolution's results lies to them.
enum class Addition {
  none,
  same,     ///< pixel by pixel
  halved,   ///< twice as large: the mean of 2x2 pixels
  doubled,  ///< half as large: each pixel to 2x2
};

/// A convolution of a map of its type, of more than one place, into one of the same type or of floats.
struct ConvolutionTask {
  const PackedConvolution* convolution = nullptr;
  MapView from, to;
  MapView added = {};  ///< of the type of `from`; may be `to` itself where it is added pixel by pixel
  Addition addition = Addition::none;
  int kind = 0;  ///< of the results that are computed, see PackedConvolution::kinds()
};

/// The results of a kind, in tiles of 2x2, row by row.
struct ResultSize {
  int height, width;

  int tile_rows() const { return (height + 1) / 2; }
  int tile_columns() const { return (width + 1) / 2; }
  int tiles() const { return tile_rows() * tile_columns(); }
};
ResultSize results_of(const ConvolutionTask& task);

/// Tiles from \p begin to below \p end.
/// \param sums  [2][outputs], to which the sums of the results and of their squares are added
void convolve_tiles(const ConvolutionTask& task, ConvolutionScratch& scratch, int begin, int end,
                    float* sums);

/// A 1x1 convolution of the channels of one or two maps, one after the other.
struct PointwiseTask {
  std::array<const PackedConvolution*, 2> convolutions = {};  ///< the first one's biases count
  std::array<MapView, 2> from = {};
  MapView to;
};

/// Rows of pixels from \p begin to below \p end.
void mix_channels(const PointwiseTask& task, ConvolutionScratch& scratch, int begin, int end);

/// Whether this processor multiplies pairs of bf16, so that the kernels are fastest with them.
bool has_bf16_products();

}  // namespace tha4
