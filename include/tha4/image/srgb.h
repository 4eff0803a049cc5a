#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tha4/base/error.h"
#include "tha4/image/rgba_image.h"

namespace tha4 {

/// The linear light of one sRGB value in [0, 1] (IEC 61966-2-1).
inline double linear_of(double srgb) {
  return srgb <= 0.04045 ? srgb / 12.92 : std::pow((srgb + 0.055) / 1.055, 2.4);
}

/// The sRGB value of a linear light in [0, 1]: the inverse of linear_of().
inline double srgb_of(double linear) {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
}

/// Linear light of the 256 levels of an 8-bit sRGB channel.
inline const std::array<float, 256>& linear_levels() {
  static const std::array<float, 256> levels = [] {
    std::array<float, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i] = static_cast<float>(linear_of(static_cast<double>(i) / 255));
    }
    return table;
  }();
  return levels;
}

/// Finds the 8-bit sRGB level nearest to a linear value, without a power function.
class SrgbLevels {
 public:
  SrgbLevels() {
    for (std::size_t i = 0; i < 255; ++i) {
      next_[i] = static_cast<float>(linear_of((static_cast<double>(i) + 0.5) / 255));
    }
    next_[255] = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < first_.size(); ++i) {
      const float start = static_cast<float>(i) / kBins;
      first_[i] =
          static_cast<std::uint8_t>(std::upper_bound(next_.begin(), next_.end(), start) - next_.begin());
    }
  }

  /// Of each level, from where on the next one is nearest: ascending, the last one infinite.
  const std::array<float, 256>& next_levels() const { return next_; }

  /// What is not above 0 (NaN, too) becomes 0, what is above 1 becomes 255.
  std::uint8_t operator()(float linear) const {
    const float value = linear > 0 ? std::min(linear, 1.0F) : 0.0F;
    const std::uint8_t level = first_[static_cast<std::size_t>(value * kBins)];
    return static_cast<std::uint8_t>(level + (value >= next_[level] ? 1 : 0));
  }

 private:
  /// So many that no bin holds two steps: near black a level is 1/3295 wide, and no level is narrower.
  static constexpr int kBins = 4096;
  std::array<float, 256> next_{};                ///< where the next level begins
  std::array<std::uint8_t, kBins + 1> first_{};  ///< level at the start of each bin
};

inline const SrgbLevels& srgb_levels() {
  static const SrgbLevels levels;
  return levels;
}

/// The nearest 8-bit pixel, R, G, B, A, of the colours of an image tensor's pixel; transparent black where
/// there is (almost) no alpha.
inline std::array<std::uint8_t, 4> rgba_pixel(const std::array<float, 4>& colors) {
  constexpr float kMinAlpha = 0.5F / 255;  // half of the first step: less is nothing
  const float alpha = std::min(colors[3] * 0.5F + 0.5F, 1.0F);
  if (!(alpha >= kMinAlpha)) return {};  // also where it is not a number
  const SrgbLevels& level = srgb_levels();
  std::array<std::uint8_t, 4> pixel;
  for (std::size_t c = 0; c < 3; ++c) pixel[c] = level((colors[c] * 0.5F + 0.5F) / alpha);
  pixel[3] = static_cast<std::uint8_t>(alpha * 255 + 0.5F);
  return pixel;
}

/// Guards the code that walks over an image's pixels.
inline void check_consistent(const RgbaImage& image) {
  if (image.width <= 0 || image.height <= 0 ||
      image.pixels.size() != static_cast<std::size_t>(image.width) * image.height * 4) {
    throw Error("an image is empty, or its pixels do not match its width and height");
  }
}

}  // namespace tha4
