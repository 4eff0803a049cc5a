#include "window_places.h"

#include <algorithm>

#include <torch/types.h>

namespace tha4 {
namespace {

/// The cell at which \p which, a random number within [0, 1), lies.
int cell_at(const std::vector<double>& cells, double which) {
  return static_cast<int>(std::upper_bound(cells.begin(), cells.end() - 1, which) - cells.begin());
}

}  // namespace

WindowPlaces::WindowPlaces(const WindowChoice& choice, int window, int alignment, const Region& region,
                           const at::Tensor& moving, const at::Tensor& drawn)
    : choice_(choice), window_(window), alignment_(alignment), region_(region) {
  if (choice.moving_fraction > 0) moving_ = cumulative(moving);
  if (choice.drawn_fraction <= 0) return;
  const at::Tensor cells = drawn.to(torch::kCPU, torch::kBool).contiguous();
  const bool* const is_drawn = cells.data_ptr<bool>();
  for (std::int64_t i = 0; i < cells.numel(); ++i) {
    const auto cell = static_cast<std::int16_t>(i % (kCells * kCells));
    if (cell == 0) begins_.push_back(drawn_.size());
    if (is_drawn[i]) drawn_.push_back(cell);
  }
  begins_.push_back(drawn_.size());
}

void WindowPlaces::take_errors(const at::Tensor& errors) {
  errors_ = {};
  if (!errors.defined()) return;
  error_frames_ = static_cast<int>(errors.size(0));
  error_cells_ = static_cast<int>(errors.size(1));
  errors_ = cumulative(errors);
}

WindowPlaces::Cumulative WindowPlaces::cumulative(const at::Tensor& cells) {
  if (!cells.defined()) return {};
  const at::Tensor values = cells.to(torch::kCPU, torch::kFloat64).contiguous();
  const double* const value = values.data_ptr<double>();
  Cumulative sums;
  double sum = 0;
  for (std::int64_t i = 0; i < values.numel(); ++i) sums.push_back(sum += std::max(0.0, value[i]));
  if (!(sum > 0)) return {};
  for (double& part : sums) part /= sum;
  return sums;
}

int WindowPlaces::drawn_cell(int frame, double which) const {
  const std::size_t begin = begins_[static_cast<std::size_t>(frame)];
  const std::size_t count = begins_[static_cast<std::size_t>(frame) + 1] - begin;
  if (count == 0) return -1;
  return drawn_[begin + std::min(count - 1, static_cast<std::size_t>(which * static_cast<double>(count)))];
}

kernels::SirenWindow WindowPlaces::at(int frame, double where, double x, double y) const {
  if (where < choice_.anywhere_fraction) return in(frame, FrameWindow{}.region, 0, x, y);
  double beyond = where - choice_.anywhere_fraction;
  const auto is_drawn_by = [&](double fraction) {
    if (beyond < fraction) return true;
    beyond -= fraction;
    return false;
  };
  int cell = -1;
  if (is_drawn_by(choice_.drawn_fraction)) {
    cell = drawn_cell(frame, beyond / choice_.drawn_fraction);
  } else if (is_drawn_by(choice_.moving_fraction)) {
    if (!moving_.empty()) cell = cell_at(moving_, beyond / choice_.moving_fraction);
  } else if (is_drawn_by(choice_.error_fraction)) {
    if (!errors_.empty()) {
      const int all = cell_at(errors_, beyond / choice_.error_fraction), cells = error_cells_ * error_cells_;
      return around_cell(error_frames_ == 1 ? frame : all / cells, all % cells, error_cells_, x, y);
    }
  }
  if (cell >= 0) return around_cell(frame, cell, kCells, x, y);
  // Windows reach beyond the region, so that its edges are not seen less often.
  return in(frame, region_, window_ / 4, x, y);
}

kernels::SirenWindow WindowPlaces::in(int frame, const Region& region, int reach, double x, double y) const {
  const auto corner = [&](double fraction, int begin, int size) {
    const int last = kImageSize - window_;
    const int low = std::clamp(begin - reach, 0, last);
    const int high = std::clamp(begin + size - window_ + reach, low, last);
    return aligned(low + static_cast<int>(fraction * static_cast<double>(high - low + 1)));
  };
  return {frame, corner(x, region.x, region.width), corner(y, region.y, region.height)};
}

kernels::SirenWindow WindowPlaces::around_cell(int frame, int cell, int across, double x, double y) const {
  const int pixels = kImageSize / across;
  const auto corner = [&](double fraction, int number) {
    const int centre = number * pixels + static_cast<int>(fraction * pixels);
    return aligned(std::clamp(centre - window_ / 2, 0, kImageSize - window_));
  };
  return {frame, corner(x, cell % across), corner(y, cell / across)};
}

int WindowPlaces::aligned(int at) const {
  return std::min(at, kImageSize - window_) / alignment_ * alignment_;
}

}  // namespace tha4
