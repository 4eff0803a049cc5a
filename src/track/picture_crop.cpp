#include "picture_crop.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "four.h"

namespace tha4 {
namespace {

Four color_at(const RgbaImageView& picture, int x, int y) {
  const std::uint8_t* const pixel = picture.pixels + (static_cast<std::ptrdiff_t>(y) * picture.width + x) * 4;
  return Four{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]), static_cast<float>(pixel[2]), 0};
}

/// The colour at a place; pixels' middles are at whole numbers.
Four sample_picture(const RgbaImageView& picture, float x, float y, PictureEdge edge) {
  const auto max_x = static_cast<float>(picture.width - 1), max_y = static_cast<float>(picture.height - 1);
  // The comparison is false for what is not a number, too.
  const bool is_inside = x >= -0.5F && y >= -0.5F && x <= max_x + 0.5F && y <= max_y + 0.5F;
  if (!is_inside && edge == PictureEdge::black) return fill_four(0);
  const float inside_x = x > 0 ? std::min(x, max_x) : 0, inside_y = y > 0 ? std::min(y, max_y) : 0;
  const int left = static_cast<int>(inside_x), top = static_cast<int>(inside_y);
  const int right = std::min(left + 1, picture.width - 1), below = std::min(top + 1, picture.height - 1);
  const Four fraction_x = fill_four(inside_x - static_cast<float>(left));
  const Four fraction_y = fill_four(inside_y - static_cast<float>(top));
  const auto mixed = [](Four a, Four b, Four fraction) { return a + (b - a) * fraction; };
  return mixed(mixed(color_at(picture, left, top), color_at(picture, right, top), fraction_x),
               mixed(color_at(picture, left, below), color_at(picture, right, below), fraction_x),
               fraction_y);
}

}  // namespace

PicturePlace place_in(const PictureSquare& square, float u, float v) {
  const float cosine = std::cos(square.angle), sine = std::sin(square.angle);
  const float x = (u - 0.5F) * square.side, y = (v - 0.5F) * square.side;
  return {square.x + cosine * x - sine * y, square.y + sine * x + cosine * y};
}

void crop_picture(const RgbaImageView& picture, const PictureSquare& square, PictureEdge edge, int size,
                  float scale, float offset, std::span<float> out) {
  // Samples along each side of a place, so that each is about a pixel and a half at most.
  const float pixels = square.side / static_cast<float>(size);
  constexpr float kMaxSamples = 4;
  const int samples = static_cast<int>(pixels > 1.5F ? std::min(std::ceil(pixels / 1.5F), kMaxSamples) : 1);
  const float factor = scale / static_cast<float>(samples * samples);
  const PicturePlace first = place_in(square, 0, 0);
  const float step = 1.0F / static_cast<float>(size * samples);
  const PicturePlace across = place_in(square, step, 0), down = place_in(square, 0, step);
  const float across_x = across.x - first.x, across_y = across.y - first.y;
  const float down_x = down.x - first.x, down_y = down.y - first.y;
  float* place = out.data();
  const Four offsets = {offset, offset, offset, 0};
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x, place += 4) {
      Four sum = fill_four(0);
      for (int i = 0; i < samples; ++i) {
        for (int j = 0; j < samples; ++j) {
          const float u = static_cast<float>(x * samples + j) + 0.5F;
          const float v = static_cast<float>(y * samples + i) + 0.5F;
          sum += sample_picture(picture, first.x + u * across_x + v * down_x - 0.5F,
                                first.y + u * across_y + v * down_y - 0.5F, edge);
        }
      }
      store_four(place, sum * fill_four(factor) + offsets);
    }
  }
}

}  // namespace tha4
