#pragma once

#include <cstddef>
#include <cstdint>

namespace tha4::generator {

/// Pixels of four bytes each in memory that another object owns; rows lie \p stride bytes apart.
struct PixelRows {
  std::uint8_t* data;
  int width;
  int height;
  std::ptrdiff_t stride;
};

/// Replaces each byte by the mean of those of its channel around it, three times in each direction, which is
/// nearly a Gaussian. What lies outside counts as 0.
/// \param radius  pixels to either side that a mean takes in; below 1 nothing changes
void blur(const PixelRows& pixels, int radius);

}  // namespace tha4::generator
