#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "blended_loss.h"

// What the passes over pixels share: the four values of a pixel at once, and samples of the rest image.

namespace tha4 {

/// Values of a pixel.
inline constexpr int kColors = 4;

/// The four values of a pixel, which processors compute with at once.
using Color [[gnu::vector_size(16)]] = float;

inline Color load_color(const float* from) {
  Color color;
  std::memcpy(&color, from, sizeof(color));
  return color;
}

inline void add_to(float* to, Color color) {
  const Color sum = load_color(to) + color;
  std::memcpy(to, &sum, sizeof(sum));
}

inline float sum_of(Color color) {
  return (color[0] + color[1]) + (color[2] + color[3]);
}

inline Color absolute(Color color) {
  return color < 0 ? -color : color;
}

/// A pixel of a frame that is kept in 16 bits.
inline Color plain_color(const std::int16_t* fixed) {
  return Color{static_cast<float>(fixed[0]), static_cast<float>(fixed[1]), static_cast<float>(fixed[2]),
               static_cast<float>(fixed[3])} *
         (1 / BlendedFrames::kOne);
}

/// A sample of the rest image, and how it changes with the place.
struct ColorSample {
  Color color;
  Color along_x;
  Color along_y;
};

/// The bilinear sample of \p image [512][512][4] at \p x, \p y, in pixels from the first centre; beyond the
/// border nothing changes.
inline ColorSample color_sample(const float* image, float x, float y) {
  constexpr float kLast = kImageSize - 1;
  const bool moves_x = x > 0 && x < kLast;
  const bool moves_y = y > 0 && y < kLast;
  // What is no number counts as 0.
  x = x > 0 ? std::min(x, kLast) : 0;
  y = y > 0 ? std::min(y, kLast) : 0;
  const int left = std::min(static_cast<int>(x), kImageSize - 2);
  const int top = std::min(static_cast<int>(y), kImageSize - 2);
  const float fraction_x = x - static_cast<float>(left), fraction_y = y - static_cast<float>(top);
  const float* const at = image + (static_cast<std::ptrdiff_t>(top) * kImageSize + left) * kColors;
  const float* const below = at + kImageSize * kColors;
  const Color a = load_color(at), b = load_color(at + kColors), c = load_color(below),
              d = load_color(below + kColors);
  const Color upper = a + (b - a) * fraction_x, lower = c + (d - c) * fraction_x;
  const Color none{};
  return {upper + (lower - upper) * fraction_y, moves_x ? (b - a) + ((d - c) - (b - a)) * fraction_y : none,
          moves_y ? lower - upper : none};
}

/// Pastes a face [128][128][4] into an image [512][512][4].
inline void paste_face(const std::int16_t* face, std::vector<float>& image) {
  for (int y = 0; y < kFaceCrop.height; ++y) {
    float* const to =
        image.data() + (static_cast<std::ptrdiff_t>(kFaceCrop.y + y) * kImageSize + kFaceCrop.x) * kColors;
    for (int i = 0; i < kFaceCrop.width * kColors; ++i) {
      to[i] = static_cast<float>(*face++) * (1 / BlendedFrames::kOne);
    }
  }
}

/// The two cells between which a pixel lies on an axis.
struct Between {
  int lower;
  int upper;
  float fraction;  ///< of the upper one
};

/// Where the pixels from \p begin on lie, in cells of a map of which those from \p first on are given.
inline std::vector<Between> places_of(int begin, int count, int map_size, int first) {
  std::vector<Between> places;
  for (int i = 0; i < count; ++i) {
    const double at = std::clamp((begin + i + 0.5) * map_size / kImageSize - 0.5, 0.0, map_size - 1.0);
    const int lower = static_cast<int>(at);
    places.push_back(
        {lower - first, std::min(lower + 1, map_size - 1) - first, static_cast<float>(at - lower)});
  }
  return places;
}

}  // namespace tha4
