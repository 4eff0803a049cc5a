#include "blur.h"

#include <algorithm>
#include <vector>

namespace tha4::generator {
namespace {

constexpr int kPasses = 3;
constexpr int kChannels = 4;

/// The sum of so many bytes as their mean, rounded.
class Mean {
 public:
  explicit Mean(int count) : half_(count / 2), count_(static_cast<float>(count)) {}

  /// Exact for fewer than 2^16 bytes, and several times as fast as dividing integers.
  std::uint8_t operator()(int sum) const {
    return static_cast<std::uint8_t>(static_cast<int>(static_cast<float>(sum + half_) / count_));
  }

 private:
  int half_;
  float count_;
};

bool is_blank(const std::uint8_t* bytes, std::size_t count) {
  return std::all_of(bytes, bytes + count, [](std::uint8_t byte) { return byte == 0; });
}

/// The part of \p pixels outside which all is 0.
PixelRows painted_part(const PixelRows& pixels) {
  const auto row = [&](int y) { return pixels.data + y * pixels.stride; };
  const std::size_t bytes = static_cast<std::size_t>(pixels.width) * kChannels;
  int top = 0;
  int bottom = pixels.height;
  while (top < bottom && is_blank(row(top), bytes)) ++top;
  while (bottom > top && is_blank(row(bottom - 1), bytes)) --bottom;
  int left = pixels.width;
  int right = 0;
  for (int y = top; y < bottom; ++y) {
    int x = 0;
    while (x < left && is_blank(row(y) + x * kChannels, kChannels)) ++x;
    left = x;
    x = pixels.width;
    while (x > right && is_blank(row(y) + (x - 1) * kChannels, kChannels)) --x;
    right = x;
  }
  return {row(top) + left * kChannels, std::max(0, right - left), bottom - top, pixels.stride};
}

/// The part of \p pixels that holds \p part and so many pixels more on all sides, where there are any.
PixelRows with_margin(const PixelRows& part, const PixelRows& pixels, int margin) {
  const std::ptrdiff_t offset = part.data - pixels.data;
  const int x = static_cast<int>(offset % pixels.stride) / kChannels;
  const int y = static_cast<int>(offset / pixels.stride);
  const int left = std::max(0, x - margin);
  const int top = std::max(0, y - margin);
  return {pixels.data + top * pixels.stride + left * kChannels,
          std::min(pixels.width, x + part.width + margin) - left,
          std::min(pixels.height, y + part.height + margin) - top, pixels.stride};
}

void add(int* sums, const std::uint8_t* bytes, int count) {
  for (int i = 0; i < count; ++i) sums[i] += bytes[i];
}
void subtract(int* sums, const std::uint8_t* bytes, int count) {
  for (int i = 0; i < count; ++i) sums[i] -= bytes[i];
}

/// Running means along each row of \p from.
void mean_along_rows(const PixelRows& from, const PixelRows& to, int radius) {
  const Mean mean(2 * radius + 1);
  for (int y = 0; y < from.height; ++y) {
    const std::uint8_t* const row = from.data + y * from.stride;
    std::uint8_t* const means = to.data + y * to.stride;
    int sums[kChannels] = {};
    for (int x = 0; x < std::min(radius, from.width); ++x) add(sums, row + x * kChannels, kChannels);
    for (int x = 0; x < from.width; ++x) {
      if (x + radius < from.width) add(sums, row + (x + radius) * kChannels, kChannels);
      for (int c = 0; c < kChannels; ++c) means[x * kChannels + c] = mean(sums[c]);
      if (x >= radius) subtract(sums, row + (x - radius) * kChannels, kChannels);
    }
  }
}

/// Running means along all columns of \p from at once, row by row, as memory lies.
void mean_along_columns(const PixelRows& from, const PixelRows& to, int radius, std::vector<int>& sums) {
  const Mean mean(2 * radius + 1);
  const int count = from.width * kChannels;
  const auto row = [&](int y) { return from.data + y * from.stride; };
  sums.assign(static_cast<std::size_t>(count), 0);
  for (int y = 0; y < std::min(radius, from.height); ++y) add(sums.data(), row(y), count);
  for (int y = 0; y < from.height; ++y) {
    if (y + radius < from.height) add(sums.data(), row(y + radius), count);
    std::uint8_t* const means = to.data + y * to.stride;
    for (int i = 0; i < count; ++i) means[i] = mean(sums[static_cast<std::size_t>(i)]);
    if (y >= radius) subtract(sums.data(), row(y - radius), count);
  }
}

}  // namespace

void blur(const PixelRows& pixels, int radius) {
  if (radius < 1) return;
  const PixelRows painted = painted_part(pixels);
  if (painted.width == 0) return;
  // Means spread by the radius each time: what lies further out stays blank.
  const PixelRows part = with_margin(painted, pixels, kPasses * radius);
  std::vector<std::uint8_t> other(static_cast<std::size_t>(part.width) * part.height * kChannels);
  const PixelRows along_rows{other.data(), part.width, part.height,
                             static_cast<std::ptrdiff_t>(part.width) * kChannels};
  std::vector<int> sums;
  for (int pass = 0; pass < kPasses; ++pass) {
    mean_along_rows(part, along_rows, radius);
    mean_along_columns(along_rows, part, radius, sums);
  }
}

}  // namespace tha4::generator
