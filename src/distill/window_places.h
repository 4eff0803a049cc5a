#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/distill/distill_config.h"
#include "tha4/image/region.h"

namespace tha4 {

/// Cells of a frame, by whose numbers windows are drawn: so many pixels along a side, and so many cells.
inline constexpr int kCellPixels = 16;
inline constexpr int kCells = kImageSize / kCellPixels;

/// Where the windows lie at which a body's training looks.
class WindowPlaces {
 public:
  /// Upper left corner of a window.
  struct Corner {
    int x = 0;
    int y = 0;
  };

  /// \param window     pixels along a side
  /// \param alignment  corners are multiples of it
  /// \param region     where the character ever is
  /// \param moving     [kCells, kCells]: how much frames differ from the rest image
  /// \param drawn      bool [N, kCells, kCells]: cells of each frame that have something drawn in or near
  /// them Both may be undefined where no window is drawn by them.
  WindowPlaces(const WindowChoice& choice, int window, int alignment, const Region& region,
               const at::Tensor& moving, const at::Tensor& drawn);

  /// From now on, windows that are drawn by errors are so by these, [kCells, kCells]. Where \p errors is
  /// undefined, and before the first call, they lie where the character ever is.
  void take_errors(const at::Tensor& errors);

  /// The corner of a window of a frame from three random numbers within [0, 1), of which the first decides
  /// how it is drawn.
  Corner at(int frame, double where, double x, double y) const;

 private:
  /// Sums of the numbers of all cells up to each, as fractions of the whole; none where all are 0.
  using Cumulative = std::vector<double>;
  static Cumulative cumulative(const at::Tensor& cells);

  Corner in(const Region& region, int reach, double x, double y) const;
  Corner around_cell(int cell, double x, double y) const;
  int drawn_cell(int frame, double which) const;
  int aligned(int at) const;

  WindowChoice choice_;
  int window_, alignment_;
  Region region_;
  Cumulative moving_, errors_;
  std::vector<std::int16_t> drawn_;  ///< cells of all frames
  std::vector<std::size_t> begins_;  ///< of each frame's, and the end
};

}  // namespace tha4
