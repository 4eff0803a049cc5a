#include "fixed_cells.h"

#include <algorithm>

#include "blend_kernels.h"

namespace tha4 {
namespace {

/// Numbers that kernels may read behind the last cell.
constexpr std::size_t kBehindCells = 64;

}  // namespace

void FixedCells::resize(int size, int channels) {
  size_ = size;
  channels_ = channels;
  numbers_ = (channels + kGroup - 1) / kGroup * kGroup;
  values_.assign(static_cast<std::size_t>(stride()) * static_cast<std::size_t>(size + 2) + kBehindCells, 0);
}

void FixedCells::write_tile(int x, int y, int side, const float* values) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(side) * side;
  const bool is_last_column = x + side == size_, is_last_row = y + side == size_;
  for (int row = 0; row < side; ++row, values += side) {
    std::int16_t* const cells = cell(x, y + row);
    write_fixed_cells(values, plane, channels_, side, one_, cells);
    if (is_last_column) std::copy_n(cell(size_ - 1, y + row), numbers_, cell(size_, y + row));
  }
  if (is_last_row) {
    std::copy_n(cell(x, size_ - 1), (side + (is_last_column ? 1 : 0)) * numbers_, cell(x, size_));
  }
}

}  // namespace tha4
