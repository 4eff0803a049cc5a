#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "feature_map.h"
#include <torch/types.h>

// What becomes of the outputs of a body rotator's SIREN at a pixel.

namespace tha4 {

/// Channels of image tensors: R, G, B, A.
inline constexpr int kColors = 4;
using ImageColor = std::array<float, kColors>;

/// Where the rows of a tile's outputs begin: flow, alpha, direct (SirenBodyRotatorImpl).
inline constexpr int kFlowOutput = 0;
inline constexpr int kAlphaOutput = 2;
inline constexpr int kDirectOutput = 3;

/// An image [H, W, 4], for all colours of a pixel to be read at once.
class PixelImage {
 public:
  explicit PixelImage(const at::Tensor& planes)
      : pixels_(planes.permute({1, 2, 0}).to(torch::kFloat32).contiguous()),
        values_(pixels_.data_ptr<float>()),
        width_(static_cast<int>(pixels_.size(1))),
        height_(static_cast<int>(pixels_.size(0))) {}

  /// The colours of a pixel, to be changed.
  float* pixel(int x, int y) { return values_ + (static_cast<std::ptrdiff_t>(y) * width_ + x) * kColors; }

  /// Bilinear at a position of which the whole image is [-1, 1], the border going on for ever.
  ImageColor sample(float x, float y) const {
    const float column = cell_of(x, width_), row = cell_of(y, height_);
    const int left = static_cast<int>(column), top = static_cast<int>(row);
    const float right_fraction = column - static_cast<float>(left),
                lower_fraction = row - static_cast<float>(top);
    const float* const upper = values_ + (static_cast<std::ptrdiff_t>(top) * width_ + left) * kColors;
    const int right = left + 1 < width_ ? kColors : 0;
    const std::ptrdiff_t below = top + 1 < height_ ? static_cast<std::ptrdiff_t>(width_) * kColors : 0;
    ImageColor colors;
    for (int i = 0; i < kColors; ++i) {
      const float above = upper[i] + right_fraction * (upper[i + right] - upper[i]);
      const float* const lower = upper + below;
      const float under = lower[i] + right_fraction * (lower[i + right] - lower[i]);
      colors[static_cast<std::size_t>(i)] = above + lower_fraction * (under - above);
    }
    return colors;
  }

 private:
  /// In cells from the first one's centre; what is no number counts as the first.
  static float cell_of(float position, int size) {
    const float cell = ((position + 1) * static_cast<float>(size) - 1) / 2;
    return std::min(std::max(0.0F, cell), static_cast<float>(size - 1));
  }

  at::Tensor pixels_;
  float* values_;
  int width_;
  int height_;
};

/// What a body rotator makes of a pixel, of the image and in all.
struct BodyPixel {
  ImageColor warped;
  ImageColor blended;
};

/// \param values  outputs of the pixel, kTileLength apart
/// \param x, y    the pixel's centre, of a frame [-1, 1]
inline BodyPixel body_pixel(const float* values, float x, float y, const PixelImage& image) {
  BodyPixel pixel;
  pixel.warped =
      image.sample(x + values[kFlowOutput * kTileLength], y + values[(kFlowOutput + 1) * kTileLength]);
  const float alpha = values[kAlphaOutput * kTileLength];
  for (int color = 0; color < kColors; ++color) {
    const float sampled = pixel.warped[static_cast<std::size_t>(color)];
    pixel.blended[static_cast<std::size_t>(color)] =
        sampled + alpha * (values[(kDirectOutput + color) * kTileLength] - sampled);
  }
  return pixel;
}

/// Of pixel \p index of a row or column of a frame of \p resolution.
inline float pixel_centre(int index, int resolution) {
  const float step = 2.0F / static_cast<float>(resolution);
  return (static_cast<float>(index) + 0.5F) * step - 1;
}

}  // namespace tha4
