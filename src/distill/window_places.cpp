#include "window_places.h"

#include <algorithm>

#include <torch/types.h>

namespace tha4 {

WindowPlaces::WindowPlaces(const WindowChoice& choice, int window, int alignment, const Region& region,
                           const at::Tensor& moving)
    : choice_(choice), window_(window), alignment_(alignment), region_(region) {
  if (choice.moving_fraction > 0) moving_ = cumulative(moving);
}

void WindowPlaces::take_errors(const at::Tensor& errors) {
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

WindowPlaces::Corner WindowPlaces::at(double where, double x, double y) const {
  const Region frame = FrameWindow{}.region;
  if (where < choice_.anywhere_fraction) return in(frame, 0, x, y);
  double beyond = where - choice_.anywhere_fraction;
  const auto is_drawn_by = [&](double fraction) {
    if (beyond < fraction) return true;
    beyond -= fraction;
    return false;
  };
  if (is_drawn_by(choice_.moving_fraction) && !moving_.empty()) {
    return around_cell(moving_, beyond / choice_.moving_fraction, x, y);
  }
  if (is_drawn_by(choice_.error_fraction) && !errors_.empty()) {
    return around_cell(errors_, beyond / choice_.error_fraction, x, y);
  }
  // Windows reach beyond the region, so that its edges are not seen less often.
  return in(region_, window_ / 4, x, y);
}

WindowPlaces::Corner WindowPlaces::in(const Region& region, int reach, double x, double y) const {
  const auto corner = [&](double share, int begin, int size) {
    const int last = kImageSize - window_;
    const int low = std::clamp(begin - reach, 0, last);
    const int high = std::clamp(begin + size - window_ + reach, low, last);
    return aligned(low + static_cast<int>(share * static_cast<double>(high - low + 1)));
  };
  return {corner(x, region.x, region.width), corner(y, region.y, region.height)};
}

WindowPlaces::Corner WindowPlaces::around_cell(const Cumulative& cells, double which, double x,
                                               double y) const {
  const auto cell = static_cast<int>(std::upper_bound(cells.begin(), cells.end() - 1, which) - cells.begin());
  const auto corner = [&](double share, int number) {
    const int centre = number * kCellPixels + static_cast<int>(share * kCellPixels);
    return aligned(std::clamp(centre - window_ / 2, 0, kImageSize - window_));
  };
  return {corner(x, cell % kCells), corner(y, cell / kCells)};
}

int WindowPlaces::aligned(int at) const {
  return std::min(at, kImageSize - window_) / alignment_ * alignment_;
}

}  // namespace tha4
