#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "airbrush.h"
#include "bleed.h"
#include "blur.h"
#include "canvas.h"
#include "character_design.h"
#include "hair.h"
#include "rig_builder.h"
#include "skeleton.h"
#include "tint.h"
#include <gtest/gtest.h>

namespace tha4::generator {
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

TEST(Tint, MultipliesAndAddsByTheFractionOfPaintAndLeavesAlpha) {
  Picture picture(4, 2);
  for (int x = 0; x < 4; ++x) {
    for (int y = 0; y < 2; ++y) {
      // Premultiplied: half covered where y is 1, bare at x = 3.
      const std::uint8_t alpha = x == 3 ? 0 : y == 0 ? 255 : 128;
      for (int c = 0; c < 3; ++c) picture.at(x, y, c) = static_cast<std::uint8_t>(alpha * (c + 1) / 4);
      picture.at(x, y, 3) = alpha;
    }
  }
  const Picture before = picture;
  TintGrid grid;
  grid.tints = {{{0.5F, 1, 0.25F}, {0.5F, 0, 0.25F}}};
  tint({picture.bytes.data(), picture.width, picture.height, picture.stride}, grid);
  Picture original = before;
  for (int x = 0; x < 4; ++x) {
    for (int y = 0; y < 2; ++y) {
      const auto alpha = static_cast<float>(original.at(x, y, 3));
      EXPECT_EQ(picture.at(x, y, 3), original.at(x, y, 3));
      EXPECT_NEAR(picture.at(x, y, 0), original.at(x, y, 0) * 0.25F + alpha * 0.25F, 0.6F) << "blue";
      EXPECT_EQ(picture.at(x, y, 1), original.at(x, y, 1)) << "green";
      EXPECT_NEAR(picture.at(x, y, 2), original.at(x, y, 2) * 0.5F + alpha * 0.5F, 0.6F) << "red";
    }
  }
}

TEST(Tint, ChangesSmoothlyBetweenTheMiddlesOfCells) {
  Picture picture(16, 1);
  std::fill(picture.bytes.begin(), picture.bytes.end(), std::uint8_t{255});
  TintGrid grid{2, 1, {{glm::vec3(1), glm::vec3(0)}, {glm::vec3(0), glm::vec3(0)}}};
  tint({picture.bytes.data(), picture.width, picture.height, picture.stride}, grid);
  for (int x = 0; x < 16; ++x) {
    const float place = std::clamp((static_cast<float>(x) + 0.5F - 4) / 8, 0.0F, 1.0F);
    EXPECT_NEAR(picture.at(x, 0, 1), 255 * (1 - place), 1) << x;
  }
}

/// A grey disc in the middle of a canvas, airbrushed with \p painting.
RgbaImage airbrushed_disc(const Painting& painting) {
  CharacterDesign design;
  design.style.painting = painting;
  Canvas canvas({226, 226}, {60, 60}, 2);
  canvas.fill(ellipse({256, 256}, {24, 24}), Color{0.5F, 0.5F, 0.5F, 1});
  airbrush(canvas, design, "disc");
  return canvas.image();
}

TEST(Airbrush, ShadesRoundThingsAwayFromTheLightAndLeavesFlatOnes) {
  Painting painting;
  painting.form = 1;
  painting.shade = {0.4F, 0.4F, 0.5F, 1};
  painting.light = {1, 1, 1, 1};
  const RgbaImage flat = airbrushed_disc(painting);
  const auto red_at = [](const RgbaImage& image, int x) {
    return static_cast<int>(image.pixels[(60U * 120U + static_cast<std::size_t>(x)) * 4]);
  };
  for (int x = 14; x < 106; ++x) EXPECT_NEAR(red_at(flat, x), 128, 1) << x;

  painting.strength = 1;
  for (const float side : {-1.0F, 1.0F}) {
    painting.light_side = side;
    const RgbaImage image = airbrushed_disc(painting);
    const int lit = side < 0 ? 18 : 101;
    const int dark = side < 0 ? 101 : 18;
    EXPECT_GT(red_at(image, lit), red_at(image, 60) + 5);
    EXPECT_LT(red_at(image, dark), red_at(image, 60) - 15);
    for (std::size_t i = 3; i < image.pixels.size(); i += 4) ASSERT_EQ(image.pixels[i], flat.pixels[i]);
  }
}

TEST(Strays, StandOffTheHairAndLeaveItWhole) {
  CharacterDesign design = design_character(3);
  const auto covered = [](const CharacterDesign& character) {
    RigBuilder builder;
    add_skeleton(builder);
    add_back_hair(builder, character);
    const Rig rig = std::move(builder).build("hair");
    std::vector<bool> pixels;
    const RgbaImage& image = rig.textures.front();
    for (std::size_t i = 3; i < image.pixels.size(); i += 4) pixels.push_back(image.pixels[i] > 128);
    return pixels;
  };
  design.hair.strays = 0;
  const std::vector<bool> without = covered(design);
  std::ptrdiff_t before = 0;
  for (const int strays : {15, 60}) {
    design.hair.strays = strays;
    design.hair.stray_length = 40;
    const std::vector<bool> with = covered(design);
    std::ptrdiff_t more = 0;
    for (std::size_t i = 0; i < with.size(); ++i) {
      EXPECT_GE(with[i], without[i]);
      more += with[i] && !without[i] ? 1 : 0;
    }
    EXPECT_GT(more, before + 40) << strays;
    before = more;
  }
}

}  // namespace
}  // namespace tha4::generator
