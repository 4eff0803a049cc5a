#include "host_splitter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <ATen/Parallel.h>

namespace tha4 {
namespace {

/// Differences of colours that are let be, and from which on the drawn colour replaces the warped one (see
/// kWarpFragmentShader).
constexpr float kSlight = 12.0F / 255;
constexpr float kPlain = 40.0F / 255;
constexpr float kToe = 0.0025F;

constexpr int kRowsOfATask = 16;

/// Runs \p work for every row.
template <class Work>
void for_rows(int count, const Work& work) {
  at::parallel_for(0, count, kRowsOfATask, [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t y = first; y < end; ++y) work(static_cast<int>(y));
  });
}

/// The bilinear sample of a picture of kImageSize at \p x, \p y in cells from the first centre.
void sample(const std::vector<float>& image, float x, float y, float* color) {
  constexpr float kLast = kImageSize - 1;
  x = std::clamp(x, 0.0F, kLast);
  y = std::clamp(y, 0.0F, kLast);
  const int left = static_cast<int>(x);
  const int top = static_cast<int>(y);
  const int right = std::min(left + 1, kImageSize - 1);
  const int bottom = std::min(top + 1, kImageSize - 1);
  const float fraction_x = x - static_cast<float>(left);
  const float fraction_y = y - static_cast<float>(top);
  const auto cell = [&](int column, int row) {
    return image.data() + (static_cast<std::size_t>(row) * kImageSize + static_cast<std::size_t>(column)) * 4;
  };
  const float* const a = cell(left, top);
  const float* const b = cell(right, top);
  const float* const c = cell(left, bottom);
  const float* const d = cell(right, bottom);
  for (std::size_t i = 0; i < 4; ++i) {
    const float upper = a[i] + (b[i] - a[i]) * fraction_x;
    const float lower = c[i] + (d[i] - c[i]) * fraction_x;
    color[i] = upper + (lower - upper) * fraction_y;
  }
}

/// About as light as the eye takes an amount of light in [0, 1] to be; as sRGB, not steeper than 10.
float lightness(float light) {
  return std::sqrt(std::max(light, 0.0F) + kToe);
}

/// The largest difference of two colours, in light and as the eye takes it.
float visible_difference(const float* a, const float* b) {
  std::array<float, 4> difference;
  for (std::size_t i = 0; i < 4; ++i) {
    const float in_light = std::abs(a[i] - b[i]);
    const float seen = std::abs(lightness(a[i]) - lightness(b[i]));
    difference[i] = std::max(in_light, seen);
  }
  return std::max(std::max(difference[0], difference[1]), std::max(difference[2], difference[3]));
}

/// The sum of each value and its neighbours to the left and right.
void sum_threes(const float* values, int count, float* sums) {
  sums[0] = values[0] + (count > 1 ? values[1] : 0);
  for (int i = 1; i + 1 < count; ++i) sums[i] = values[i - 1] + values[i] + values[i + 1];
  if (count > 1) sums[count - 1] = values[count - 2] + values[count - 1];
}

void copy_face(const std::vector<float>& face, std::vector<float>& image) {
  constexpr std::size_t kRow = static_cast<std::size_t>(kFaceCrop.width) * 4;
  for (int y = 0; y < kFaceCrop.height; ++y) {
    const auto from = face.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(y) * kRow);
    std::copy_n(from, kRow, image.begin() + ((kFaceCrop.y + y) * kImageSize + kFaceCrop.x) * 4);
  }
}

}  // namespace

HostSplitter::HostSplitter(std::vector<float> rest) : pasted_(std::move(rest)) {}

void HostSplitter::split(const RigFrame& frame, const FrameWindow& drawn, const Region& region,
                         const SplitPlanes& planes) {
  copy_face(frame.face, pasted_);
  const std::size_t area = static_cast<std::size_t>(frame.width) * frame.height;
  warped_.resize(4 * area);
  needed_.resize(area);
  sums_.resize(area);
  no_sums_.resize(static_cast<std::size_t>(frame.width));
  const float cells_per_pixel = static_cast<float>(kImageSize) / static_cast<float>(drawn.resolution);
  constexpr float kCellsPerFlow = kImageSize / 2.0F;
  for_rows(frame.height, [&](int row) {
    const float y = (static_cast<float>(drawn.region.y + row) + 0.5F) * cells_per_pixel - 0.5F;
    std::size_t at = static_cast<std::size_t>(row) * frame.width;
    for (int column = 0; column < frame.width; ++column, ++at) {
      const float x = (static_cast<float>(drawn.region.x + column) + 0.5F) * cells_per_pixel - 0.5F;
      float* const warped = &warped_[4 * at];
      sample(pasted_, x + frame.flow[2 * at] * kCellsPerFlow, y + frame.flow[2 * at + 1] * kCellsPerFlow,
             warped);
      const float difference = visible_difference(warped, &frame.color[4 * at]);
      const float differs = std::clamp((difference - kSlight) / (kPlain - kSlight), 0.0F, 1.0F);
      needed_[at] = frame.hidden[at] != 0 ? 1.0F : differs;
    }
    sum_threes(&needed_[at - static_cast<std::size_t>(frame.width)], frame.width,
               &sums_[at - static_cast<std::size_t>(frame.width)]);
  });
  const std::size_t plane = static_cast<std::size_t>(region.width) * region.height;
  for_rows(region.height, [&](int row) {
    const int from_row = row + region.y - drawn.region.y;
    const auto sums_of = [&](int y) {
      return y < 0 || y >= frame.height ? no_sums_.data() : &sums_[static_cast<std::size_t>(y) * frame.width];
    };
    const std::array<const float*, 3> sums{sums_of(from_row - 1), sums_of(from_row), sums_of(from_row + 1)};
    std::size_t to = static_cast<std::size_t>(row) * region.width;
    for (int column = 0; column < region.width; ++column, ++to) {
      const int from_column = column + region.x - drawn.region.x;
      const std::size_t from = static_cast<std::size_t>(from_row) * frame.width + from_column;
      // Softened where it is more than needed.
      const float mean = (sums[0][from_column] + sums[1][from_column] + sums[2][from_column]) / 9;
      const float alpha = std::max(needed_[from], mean);
      planes.alpha[to] = alpha;
      for (std::size_t c = 0; c < 4; ++c) {
        const float direct = frame.color[4 * from + c] * 2 - 1;
        const float warped = warped_[4 * from + c] * 2 - 1;
        planes.direct[c * plane + to] = direct;
        planes.warped[c * plane + to] = warped;
        planes.blended[c * plane + to] = direct * alpha + warped * (1 - alpha);
      }
      planes.flow[to] = frame.flow[2 * from];
      planes.flow[plane + to] = frame.flow[2 * from + 1];
    }
  });
}

void to_planes(const std::vector<float>& color, float* planes) {
  const std::size_t area = color.size() / 4;
  for (std::size_t i = 0; i < area; ++i) {
    for (std::size_t c = 0; c < 4; ++c) planes[c * area + i] = color[4 * i + c] * 2 - 1;
  }
}

}  // namespace tha4
