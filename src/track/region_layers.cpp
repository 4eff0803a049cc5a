#include "region_layers.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "four.h"

namespace tha4 {

RegionMatrix region_matrix(const FaceRegion& region, std::span<const float> points) {
  const auto x_of = [&](int point) { return points[3 * static_cast<std::size_t>(point)] * region.scale; };
  const auto y_of = [&](int point) { return points[3 * static_cast<std::size_t>(point) + 1] * region.scale; };
  const float angle =
      std::atan2(y_of(region.right) - y_of(region.left), x_of(region.right) - x_of(region.left));
  const float cosine = std::cos(angle), sine = std::sin(angle);
  // The box in axes that are turned as the region is.
  float min_x = 0, max_x = 0, min_y = 0, max_y = 0;
  bool is_first = true;
  for (const int point : region.points) {
    const float x = cosine * x_of(point) + sine * y_of(point);
    const float y = cosine * y_of(point) - sine * x_of(point);
    min_x = is_first ? x : std::min(min_x, x);
    max_x = is_first ? x : std::max(max_x, x);
    min_y = is_first ? y : std::min(min_y, y);
    max_y = is_first ? y : std::max(max_y, y);
    is_first = false;
  }
  const float middle_x = (min_x + max_x) / 2, middle_y = (min_y + max_y) / 2;
  const auto side = static_cast<float>(region.side);
  const float step_x = region.larger_x * (max_x - min_x) / side,
              step_y = region.larger_y * (max_y - min_y) / side;
  RegionMatrix matrix = {cosine * step_x, -sine * step_y, 0, sine * step_x, cosine * step_y, 0};
  // The middle of the crop lies in the middle of the box.
  matrix[2] = cosine * middle_x - sine * middle_y - (matrix[0] + matrix[1]) * side / 2;
  matrix[5] = sine * middle_x + cosine * middle_y - (matrix[3] + matrix[4]) * side / 2;
  return matrix;
}

void crop_map(const float* map, int height, int width, int channels, const RegionMatrix& matrix, int side,
              float* out) {
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x, out += channels) {
      // Places are the middles of pixels.
      const float at_x = static_cast<float>(x) + 0.5F, at_y = static_cast<float>(y) + 0.5F;
      const float from_x = matrix[0] * at_x + matrix[1] * at_y + matrix[2] - 0.5F;
      const float from_y = matrix[3] * at_x + matrix[4] * at_y + matrix[5] - 0.5F;
      const bool is_inside = from_x >= 0 && from_x <= static_cast<float>(width - 1) && from_y >= 0 &&
                             from_y <= static_cast<float>(height - 1);
      if (!is_inside) {
        std::fill(out, out + channels, 0.0F);
        continue;
      }
      const int left = static_cast<int>(from_x), top = static_cast<int>(from_y);
      const float fraction_x = from_x - static_cast<float>(left),
                  fraction_y = from_y - static_cast<float>(top);
      // At the last row and column the neighbour's fraction is 0.
      const std::ptrdiff_t right = left + 1 < width ? channels : 0;
      const std::ptrdiff_t below = top + 1 < height ? static_cast<std::ptrdiff_t>(width) * channels : 0;
      const float* const place = map + (static_cast<std::ptrdiff_t>(top) * width + left) * channels;
      const Four fractions[4] = {
          fill_four((1 - fraction_x) * (1 - fraction_y)), fill_four(fraction_x * (1 - fraction_y)),
          fill_four((1 - fraction_x) * fraction_y), fill_four(fraction_x * fraction_y)};
      for (int channel = 0; channel < channels; channel += 4) {
        const float* const four = place + channel;
        store_four(out + channel, load_four(four) * fractions[0] + load_four(four + right) * fractions[1] +
                                      load_four(four + below) * fractions[2] +
                                      load_four(four + below + right) * fractions[3]);
      }
    }
  }
}

}  // namespace tha4
