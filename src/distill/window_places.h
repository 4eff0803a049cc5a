#pragma once

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
  /// \param moving     [kCells, kCells]: how much frames differ from the rest image; may be undefined where
  ///                   no window is drawn by it
  WindowPlaces(const WindowChoice& choice, int window, int alignment, const Region& region,
               const at::Tensor& moving);

  /// From now on, windows that are drawn by errors are so by these, [kCells, kCells]. Where \p errors is
  /// undefined, and before the first call, they lie where the character ever is.
  void take_errors(const at::Tensor& errors);

  /// A window's corner from three random numbers within [0, 1), of which the first decides how it is drawn.
  Corner at(double where, double x, double y) const;

 private:
  /// Sums of the numbers of all cells up to each, as fractions of the whole; none where all are 0.
  using Cumulative = std::vector<double>;
  static Cumulative cumulative(const at::Tensor& cells);

  Corner in(const Region& region, int reach, double x, double y) const;
  Corner around_cell(const Cumulative& cells, double which, double x, double y) const;
  int aligned(int at) const;

  WindowChoice choice_;
  int window_, alignment_;
  Region region_;
  Cumulative moving_, errors_;
};

}  // namespace tha4
