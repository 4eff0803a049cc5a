#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "siren_program.h"
#include <hwy/aligned_allocator.h>

// The inner loops of SIRENs on CPUs, compiled for several instruction sets, of which the best is chosen when
// the program runs (Google Highway).

namespace tha4 {

/// A tile: so many pixels beside each other in a row. All of a tile's values stay in the processor's first
/// caches from the first layer to the last.
inline constexpr int kTileLength = 32;

/// What a level hands to the next: a map of `size` by `size` cells, rows of all channels one after the other,
/// and on either side of each row of a channel its outermost values once more.
class FeatureMap {
 public:
  static constexpr int kMargin = 16;

  /// Keeps nothing that was in it.
  void resize(int size, int channels);
  int size() const { return size_; }
  int channels() const { return channels_; }
  float* row(int y, int channel) {
    return values_.data() + (static_cast<std::size_t>(y) * channels_ + channel) * stride_ + kMargin;
  }
  const float* row(int y, int channel) const { return const_cast<FeatureMap*>(this)->row(y, channel); }
  /// From a channel's row to that of the next channel.
  std::size_t stride() const { return stride_; }
  /// To be called when a row is written.
  void fill_margins(int y);

 private:
  int size_ = 0;
  int channels_ = 0;
  std::size_t stride_ = 0;
  std::vector<float> values_;
};

/// Where the pixels of one axis of a frame lie on an axis of cells: between `cell` and the next one,
/// `fraction` from the first to the second.
struct AxisSample {
  int cell;
  float fraction;
};

/// Of all pixels of a frame of \p resolution on a map of \p size cells, which covers the whole frame.
std::vector<AxisSample> axis_samples(int size, int resolution);

/// Memory for the values of a tile, of one thread.
class TileScratch {
 public:
  explicit TileScratch(const SirenProgram& program);

  /// Of a layer, and of the one after it.
  std::int16_t* sines(int which) { return sines_[which].get(); }
  /// Of a row of a map, see FeatureMap::row().
  float* cells() { return cells_.data(); }

 private:
  std::array<hwy::AlignedFreeUniquePtr<std::int16_t[]>, 2> sines_;
  std::vector<float> cells_;
};

/// One tile of one level.
struct TileTask {
  const SirenProgramLevel* level = nullptr;
  const float* biases = nullptr;  ///< of the first layer, with the pose's share
  int resolution = 0;             ///< of the grid that the level is evaluated on
  int x = 0, y = 0;               ///< of the tile's first pixel; x is a multiple of kTileLength
  /// The results of the level before; null in the first one.
  const FeatureMap* features = nullptr;
  const AxisSample* columns = nullptr;  ///< of the grid on `features`
  AxisSample row{};                     ///< of y on `features`
};

/// Evaluates a tile. \param results  [padded outputs of the level's last layer][kTileLength], row by row at a
/// distance of \p stride
void draw_tile(const TileTask& task, TileScratch& scratch, float* results, std::size_t stride);

/// The instruction set that draw_tile() uses on this machine, for example "AVX3".
const char* kernel_target();

}  // namespace tha4
