#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tha4/image/region.h"

namespace tha4 {

/// An image of 16-bit integers, all colours of a pixel beside each other, so that a pixel and its right
/// neighbour are read at once. The outermost column and row stand there twice, and there is memory of one
/// more row. Values beyond ±4 count as ±4.
class FixedImage {
 public:
  static constexpr int kColors = 4;
  static constexpr int kOne = 1 << 13;  ///< stands for 1
  /// Pixels a side of the blocks of which is known whether they are empty.
  static constexpr int kBlock = 16;

  FixedImage(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  /// From a pixel to the one below it, in numbers.
  std::ptrdiff_t stride() const { return static_cast<std::ptrdiff_t>(width_ + 2) * kColors; }
  std::int16_t* pixel(int x, int y) { return values_.data() + y * stride() + x * kColors; }
  const std::int16_t* pixel(int x, int y) const { return const_cast<FixedImage*>(this)->pixel(x, y); }

  /// Writes \p region from rows of region.width values in [-1, 1], one after the other.
  /// \param planes  those of the first channel; each next one is \p plane further on
  void write(const float* planes, std::ptrdiff_t plane, const Region& region);

  /// Finds out which blocks hold nothing but transparent black; those that \p moving touches count as full.
  /// Before it is called, all do.
  void find_empty_blocks(const Region& moving);
  /// Whether all pixels from (x0, y0) to (x1, y1) are transparent black.
  bool is_empty(int x0, int y0, int x1, int y1) const;

 private:
  void repeat_border(const Region& region);

  int width_;
  int height_;
  int blocks_across_;
  std::vector<std::int16_t> values_;
  std::vector<std::uint8_t> full_;  ///< of each block
};

}  // namespace tha4
