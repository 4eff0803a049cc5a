// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu_map_sampling.cpp"
#include "cpu_map_sampling.h"

#include <algorithm>
#include <cstring>

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;

constexpr float kNear = 0.75F, kFar = 0.25F;

/// The cells left and right of a pixel's centre, or above and below it, and their weights.
struct BetweenCells {
  int cell;
  float first, second;

  BetweenCells(int pixel, const LevelExtent& cells)
      : cell((pixel % 2 == 0 ? pixel / 2 - 1 : (pixel - 1) / 2) - cells.begin),
        first(pixel % 2 == 0 ? kFar : kNear),
        second(1 - first) {}
};

/// How many cells of an extent lie before the frame, and how many behind it.
struct Outside {
  int before, behind;

  explicit Outside(const LevelExtent& cells)
      : before(std::max(0, -cells.begin)), behind(std::max(0, cells.begin + cells.size - cells.resolution)) {}
};

void continue_border(const SampledMap& map, float* plane) {
  const Outside x(map.x), y(map.y);
  const int width = map.x.size, height = map.y.size;
  for (int row = 0; row < height && x.before + x.behind > 0; ++row) {
    float* const cells = plane + static_cast<std::ptrdiff_t>(row) * width;
    std::fill_n(cells, x.before, cells[x.before]);
    std::fill_n(cells + width - x.behind, x.behind, cells[width - x.behind - 1]);
  }
  const auto copy_row = [&](int to, int from) {
    std::copy_n(plane + static_cast<std::ptrdiff_t>(from) * width, width,
                plane + static_cast<std::ptrdiff_t>(to) * width);
  };
  for (int row = 0; row < y.before; ++row) copy_row(row, y.before);
  for (int row = height - y.behind; row < height; ++row) copy_row(row, height - y.behind - 1);
}

/// The gradient of cells beyond the frame is that of the cells at its border.
void fold_border(const SampledMap& map, float* plane) {
  const Outside x(map.x), y(map.y);
  const int width = map.x.size, height = map.y.size;
  const auto move_row = [&](int from, int to) {
    for (int i = 0; i < width; ++i) {
      float& value = plane[static_cast<std::ptrdiff_t>(from) * width + i];
      plane[static_cast<std::ptrdiff_t>(to) * width + i] += value;
      value = 0;
    }
  };
  for (int row = 0; row < y.before; ++row) move_row(row, y.before);
  for (int row = height - y.behind; row < height; ++row) move_row(row, height - y.behind - 1);
  const auto move = [](float& from, float& to) {
    to += from;
    from = 0;
  };
  for (int row = 0; row < height && x.before + x.behind > 0; ++row) {
    float* const cells = plane + static_cast<std::ptrdiff_t>(row) * width;
    for (int i = 0; i < x.before; ++i) move(cells[i], cells[x.before]);
    for (int i = width - x.behind; i < width; ++i) move(cells[i], cells[width - x.behind - 1]);
  }
}

void SampleMapPlanes(const SampledMap& map) {
  const Lanes d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  // An odd pixel at the beginning is the second one of its cell's.
  const int odd = map.fine_x.begin % 2 == 0 ? 0 : 1;
  const int pairs = (map.fine_x.size + odd + 1) / 2;
  float* const cells = map.rows + 1;
  float* const pixels = map.rows + map.fine_x.size + 4 * lanes;
  map.rows[0] = 0;
  const auto near = hn::Set(d, kNear), far = hn::Set(d, kFar);
  for (int channel = 0; channel < map.channels; ++channel) {
    float* const plane = map.map + channel * map.map_stride;
    float* const samples = map.samples + channel * map.sample_stride;
    continue_border(map, plane);
    for (int row = 0; row < map.fine_y.size; ++row) {
      const BetweenCells at(map.fine_y.begin + row, map.y);
      const float* const upper = plane + static_cast<std::ptrdiff_t>(at.cell) * map.x.size;
      const auto first = hn::Set(d, at.first), second = hn::Set(d, at.second);
      for (int i = 0; i < map.x.size; i += lanes) {
        const auto mixed = hn::Mul(hn::LoadU(d, upper + i), first);
        hn::StoreU(hn::MulAdd(hn::LoadU(d, upper + map.x.size + i), second, mixed), d, cells + i);
      }
      float* const to = samples + static_cast<std::ptrdiff_t>(row) * map.fine_x.size;
      float* const written = odd == 0 ? to : pixels;
      for (int i = 0; i < pairs; i += lanes) {
        const float* const left = cells - odd + i;
        const auto own = hn::Mul(hn::LoadU(d, left + 1), near);
        hn::StoreInterleaved2(hn::MulAdd(hn::LoadU(d, left), far, own),
                              hn::MulAdd(hn::LoadU(d, left + 2), far, own), d, written + 2 * i);
      }
      if (odd != 0) std::copy_n(pixels + 1, map.fine_x.size, to);
    }
  }
}

void DifferentiateMapPlanes(const SampledMap& map) {
  const Lanes d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const int odd = map.fine_x.begin % 2 == 0 ? 0 : 1;
  const int pairs = (map.fine_x.size + odd + 1) / 2;
  // Of pixels, then of even ones and of odd ones, each with zeros around.
  float* const pixels = map.rows;
  const int row_floats = map.fine_x.size + 4 * lanes;
  float* const even = pixels + row_floats;
  float* const other = even + row_floats;
  std::fill_n(map.rows, 3 * row_floats, 0.0F);
  const auto near = hn::Set(d, kNear), far = hn::Set(d, kFar);
  for (int channel = 0; channel < map.channels; ++channel) {
    float* const plane = map.map + channel * map.map_stride;
    const float* const samples = map.samples + channel * map.sample_stride;
    std::fill_n(plane, map.map_stride, 0.0F);
    for (int row = 0; row < map.fine_y.size; ++row) {
      std::copy_n(samples + static_cast<std::ptrdiff_t>(row) * map.fine_x.size, map.fine_x.size,
                  pixels + odd);
      for (int i = 0; i < pairs; i += lanes) {
        auto a = hn::Zero(d), b = hn::Zero(d);
        hn::LoadInterleaved2(d, pixels + 2 * i, a, b);
        hn::StoreU(a, d, even + 2 + i);
        hn::StoreU(b, d, other + 2 + i);
      }
      const BetweenCells at(map.fine_y.begin + row, map.y);
      float* const upper = plane + static_cast<std::ptrdiff_t>(at.cell) * map.x.size - odd;
      float* const lower = upper + map.x.size;
      const auto first = hn::Set(d, at.first), second = hn::Set(d, at.second);
      for (int i = 0; i < pairs + 2; i += lanes) {
        const auto own = hn::Mul(hn::Add(hn::LoadU(d, even + 1 + i), hn::LoadU(d, other + 1 + i)), near);
        const auto beside = hn::Add(hn::LoadU(d, even + 2 + i), hn::LoadU(d, other + i));
        const auto sum = hn::MulAdd(beside, far, own);
        hn::StoreU(hn::MulAdd(sum, first, hn::LoadU(d, upper + i)), d, upper + i);
        hn::StoreU(hn::MulAdd(sum, second, hn::LoadU(d, lower + i)), d, lower + i);
      }
    }
    fold_border(map, plane);
  }
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(SampleMapPlanes);
HWY_EXPORT(DifferentiateMapPlanes);

LevelExtent LevelExtent::halved() const {
  const auto cell_before = [](int pixel) { return pixel % 2 == 0 ? pixel / 2 - 1 : (pixel - 1) / 2; };
  const int first = cell_before(begin);
  return {first, cell_before(begin + size - 1) + 2 - first, resolution / 2};
}

std::size_t sampling_row_floats(int fine_size) {
  return 3 * (static_cast<std::size_t>(fine_size) + 4 * 16);
}

void sample_map_planes(const SampledMap& map) {
  HWY_DYNAMIC_DISPATCH(SampleMapPlanes)(map);
}

void differentiate_map_planes(const SampledMap& map) {
  HWY_DYNAMIC_DISPATCH(DifferentiateMapPlanes)(map);
}

}  // namespace tha4

#endif
