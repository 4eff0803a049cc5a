#pragma once

#include <cstddef>
#include <vector>

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
  /// To be called when a row is written.
  void fill_margins(int y);
  /// Writes a tile of \p side by \p side cells from the cell \p x, \p y on, with the margins beside it.
  /// \param values  [channels][side][side]
  void write_tile(int x, int y, int side, const float* values);

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

}  // namespace tha4
