#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tha4 {

/// A map of 16-bit integers that is sampled anywhere: all channels of a cell beside each other, in fours, so
/// that a cell and its right neighbour are read at once. The outermost column and row stand there twice.
/// Values that integers do not hold count as the outermost ones.
class FixedCells {
 public:
  /// Channels are filled up to a multiple of this.
  static constexpr int kGroup = 4;

  /// \param one  stands for 1
  explicit FixedCells(int one) : one_(one) {}

  /// Keeps nothing that was in it.
  void resize(int size, int channels);

  int size() const { return size_; }
  /// Numbers of a cell.
  int numbers() const { return numbers_; }
  int one() const { return one_; }
  /// From a cell to the one below it, in numbers.
  std::ptrdiff_t stride() const { return static_cast<std::ptrdiff_t>(size_ + 2) * numbers_; }
  std::int16_t* cell(int x, int y) { return values_.data() + y * stride() + x * numbers_; }
  const std::int16_t* cell(int x, int y) const { return const_cast<FixedCells*>(this)->cell(x, y); }

  /// Writes a tile of \p side by \p side cells from the cell \p x, \p y on.
  /// \param values  [channels][side][side]
  void write_tile(int x, int y, int side, const float* values);

 private:
  int one_;
  int size_ = 0;
  int channels_ = 0;
  int numbers_ = 0;
  std::vector<std::int16_t> values_;
};

}  // namespace tha4
