#pragma once

#include <cstdint>
#include <vector>

namespace tha4 {

/// Of each tile of a square map, whether it is something. Tiles may be set by several threads.
class TileFlags {
 public:
  /// \param side  of a tile, which divides \p size, both in cells
  TileFlags(int size, int side)
      : side_(side),
        across_(size / side),
        flags_(static_cast<std::size_t>(across_) * static_cast<std::size_t>(across_)) {}

  /// \param x, y  of a cell of the tile
  bool at(int x, int y) const { return flags_[index(x, y)] != 0; }
  void set(int x, int y, bool value) { flags_[index(x, y)] = value ? 1 : 0; }

  /// Whether it is so of all tiles with cells from (x0, y0) to (x1, y1), these included.
  bool all(int x0, int y0, int x1, int y1) const {
    for (int row = y0 / side_; row <= y1 / side_; ++row) {
      for (int column = x0 / side_; column <= x1 / side_; ++column) {
        if (flags_[static_cast<std::size_t>(row * across_ + column)] == 0) return false;
      }
    }
    return true;
  }

 private:
  std::size_t index(int x, int y) const { return static_cast<std::size_t>(y / side_ * across_ + x / side_); }

  int side_;
  int across_;
  std::vector<std::uint8_t> flags_;
};

}  // namespace tha4
