#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "bleed.h"
#include "blur.h"
#include <gtest/gtest.h>

namespace tha4 {
namespace {

/// Bytes of four channels, with room beside each row that belongs to no pixel.
struct Picture {
  int width;
  int height;
  std::ptrdiff_t stride;
  std::vector<std::uint8_t> bytes;

  Picture(int width_, int height_)
      : width(width_),
        height(height_),
        stride(width_ * 4 + 12),
        bytes(static_cast<std::size_t>(stride) * height_) {}

  std::uint8_t& at(int x, int y, int channel) {
    return bytes[static_cast<std::size_t>(y * stride + x * 4 + channel)];
  }
};

/// One running mean as it is defined: over what lies within the radius along x or y, 0 outside.
Picture mean_of(Picture picture, int radius, int step_x, int step_y) {
  Picture means(picture.width, picture.height);
  const int window = 2 * radius + 1;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      for (int c = 0; c < 4; ++c) {
        int sum = 0;
        for (int i = -radius; i <= radius; ++i) {
          const int u = x + i * step_x;
          const int v = y + i * step_y;
          if (u >= 0 && u < picture.width && v >= 0 && v < picture.height) sum += picture.at(u, v, c);
        }
        means.at(x, y, c) = static_cast<std::uint8_t>((sum + window / 2) / window);
      }
    }
  }
  return means;
}

/// Values of all kinds in the rectangle from (left, top) on; 0 elsewhere.
Picture painted(int width, int height, int left, int top, int columns, int rows) {
  Picture picture(width, height);
  std::uint32_t noise = 1;
  for (int y = top; y < top + rows; ++y) {
    for (int x = left; x < left + columns; ++x) {
      for (int c = 0; c < 4; ++c) {
        noise = noise * 1664525U + 1013904223U;
        picture.at(x, y, c) = static_cast<std::uint8_t>(noise >> 24U);
      }
    }
  }
  return picture;
}

TEST(Blur, IsThreeMeansEachWayWhereverThePaintLies) {
  const std::vector<Picture> pictures = {painted(40, 30, 18, 12, 5, 4), painted(40, 30, 0, 0, 2, 3),
                                         painted(40, 30, 37, 28, 3, 2), painted(40, 30, 0, 0, 40, 30),
                                         painted(40, 30, 20, 0, 1, 30), painted(40, 30, 0, 0, 0, 0)};
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    for (const int radius : {0, 1, 2, 7, 50}) {
      Picture expected = pictures[i];
      for (int pass = 0; pass < 3 && radius > 0; ++pass) {
        expected = mean_of(mean_of(expected, radius, 1, 0), radius, 0, 1);
      }
      Picture found = pictures[i];
      blur({found.bytes.data(), found.width, found.height, found.stride}, radius);
      EXPECT_EQ(found.bytes, expected.bytes) << "picture " << i << ", radius " << radius;
    }
  }
}

TEST(Bleed, GivesColorsToTheRingsAroundPaint) {
  RgbaImage image(9, 9);
  const auto pixel = [&](int x, int y) { return &image.pixels[static_cast<std::size_t>(y * 9 + x) * 4]; };
  const auto paint = [&](int x, int y, std::uint8_t red) {
    pixel(x, y)[0] = red;
    pixel(x, y)[3] = 1;
  };
  paint(0, 4, 200);
  paint(1, 4, 100);
  bleed_colors(image, 2);
  for (const auto& [x, y, red] : {std::tuple{0, 3, 150},
                                  {1, 3, 150},
                                  {2, 3, 100},
                                  {2, 4, 100},
                                  {2, 5, 100},
                                  {3, 4, 100},
                                  {0, 2, 150},
                                  {3, 2, 100},
                                  {4, 4, 0},
                                  {0, 1, 0},
                                  {8, 8, 0},
                                  // The pixel at the end of the row above is no neighbour.
                                  {8, 3, 0},
                                  {8, 4, 0}}) {
    EXPECT_EQ(pixel(x, y)[0], red) << x << ", " << y;
    EXPECT_EQ(pixel(x, y)[3], 0) << x << ", " << y;
  }
  EXPECT_EQ(pixel(0, 4)[0], 200);
  EXPECT_EQ(pixel(1, 4)[0], 100);
}

TEST(Bleed, LeavesPicturesWithoutPaintOrWithoutRoom) {
  RgbaImage blank(5, 4);
  bleed_colors(blank, 3);
  EXPECT_EQ(std::count(blank.pixels.begin(), blank.pixels.end(), 0), 5 * 4 * 4);
  RgbaImage full(5, 4);
  full.pixels.assign(full.pixels.size(), 77);
  bleed_colors(full, 3);
  EXPECT_EQ(std::count(full.pixels.begin(), full.pixels.end(), 77), 5 * 4 * 4);
}

}  // namespace
}  // namespace tha4
