#pragma once

#include <cstdint>
#include <vector>

#include "kernels/siren_pass_arguments.h"
#include <ATen/core/Tensor.h>

#include "tha4/distill/distill_config.h"
#include "tha4/image/region.h"

namespace tha4 {

/// Cells of a frame, by whose numbers windows are drawn: so many pixels along a side, and so many cells.
inline constexpr int kCellPixels = 16;
inline constexpr int kCells = kImageSize / kCellPixels;

/// Likewise where each frame has errors of its own: about as large as windows, so that each is often seen.
inline constexpr int kFrameCells = 8;

/// Where the windows lie at which a body's training looks.
class WindowPlaces {
 public:
  /// \param window     pixels along a side
  /// \param alignment  corners are multiples of it
  /// \param region     where the character ever is
  /// \param moving     [kCells, kCells]: how much frames differ from the rest image
  /// \param drawn      bool [N, kCells, kCells]: cells of each frame that have something drawn in or near
  /// them Both may be undefined where no window is drawn by them.
  WindowPlaces(const WindowChoice& choice, int window, int alignment, const Region& region,
               const at::Tensor& moving, const at::Tensor& drawn);

  /// From now on, windows that are drawn by errors are so by these, [F, cells, cells]: of all frames together
  /// where F is 1, else of each frame, which is drawn with them. Where \p errors is undefined, and before the
  /// first call, they lie where the character ever is.
  void take_errors(const at::Tensor& errors);

  /// A window, from three random numbers within [0, 1), of which the first decides how it is drawn. It is of
  /// \p frame unless it is drawn by the errors of each frame.
  kernels::SirenWindow at(int frame, double where, double x, double y) const;

 private:
  /// Sums of the numbers of all cells up to each, as fractions of the whole; none where all are 0.
  using Cumulative = std::vector<double>;
  static Cumulative cumulative(const at::Tensor& cells);

  kernels::SirenWindow in(int frame, const Region& region, int reach, double x, double y) const;
  kernels::SirenWindow around_cell(int frame, int cell, int across, double x, double y) const;
  int drawn_cell(int frame, double which) const;
  int aligned(int at) const;

  WindowChoice choice_;
  int window_, alignment_;
  Region region_;
  Cumulative moving_, errors_;
  int error_frames_ = 1, error_cells_ = kCells;  ///< that errors are of, and along a side of each
  std::vector<std::int16_t> drawn_;              ///< cells of all frames
  std::vector<std::size_t> begins_;              ///< of each frame's, and the end
};

}  // namespace tha4
