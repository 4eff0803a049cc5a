#include "fixed_image.h"

#include <algorithm>

#include "blend_kernels.h"

namespace tha4 {
namespace {

/// Numbers that kernels may read behind the last pixel.
constexpr std::size_t kBehind = 64;

}  // namespace

FixedImage::FixedImage(int width, int height)
    : width_(width),
      height_(height),
      blocks_across_((width + kBlock - 1) / kBlock),
      values_(static_cast<std::size_t>(stride()) * static_cast<std::size_t>(height + 2) + kBehind),
      full_(
          static_cast<std::size_t>(blocks_across_) * static_cast<std::size_t>((height + kBlock - 1) / kBlock),
          1) {}

void FixedImage::write(const float* planes, std::ptrdiff_t plane, const Region& region) {
  for (int y = 0; y < region.height; ++y) {
    write_fixed_pixels(planes + static_cast<std::ptrdiff_t>(y) * region.width, plane, region.width,
                       pixel(region.x, region.y + y));
  }
  repeat_border(region);
}

void FixedImage::repeat_border(const Region& region) {
  if (region.x + region.width == width_) {
    for (int y = region.y; y < region.y + region.height; ++y) {
      std::copy_n(pixel(width_ - 1, y), kColors, pixel(width_, y));
    }
  }
  if (region.y + region.height == height_) {
    std::copy_n(pixel(region.x, height_ - 1), (region.width + 1) * kColors, pixel(region.x, height_));
  }
}

void FixedImage::find_empty_blocks(const Region& moving) {
  std::fill(full_.begin(), full_.end(), std::uint8_t{0});
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      const std::int16_t* const values = pixel(x, y);
      const bool is_moving =
          x >= moving.x && x < moving.x + moving.width && y >= moving.y && y < moving.y + moving.height;
      if (is_moving || std::any_of(values, values + kColors, [](int value) { return value != -kOne; })) {
        full_[static_cast<std::size_t>(y / kBlock * blocks_across_ + x / kBlock)] = 1;
      }
    }
  }
}

bool FixedImage::is_empty(int x0, int y0, int x1, int y1) const {
  for (int row = y0 / kBlock; row <= y1 / kBlock; ++row) {
    for (int column = x0 / kBlock; column <= x1 / kBlock; ++column) {
      if (full_[static_cast<std::size_t>(row * blocks_across_ + column)] != 0) return false;
    }
  }
  return true;
}

}  // namespace tha4
