// Included once for each instruction set.
#if defined(THA4_ENGINE_FIXED_SAMPLING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef THA4_ENGINE_FIXED_SAMPLING_INL_H_
#undef THA4_ENGINE_FIXED_SAMPLING_INL_H_
#else
#define THA4_ENGINE_FIXED_SAMPLING_INL_H_
#endif

#include <algorithm>

#include "blend_kernels.h"
#include <hwy/cache_control.h>
#include <hwy/highway.h>

// Samples of images and maps of 16-bit integers, anywhere.

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Ints = hn::ScalableTag<std::int32_t>;
using HalfShorts = hn::Rebind<std::int16_t, Floats>;
using FloatVector = hn::Vec<Floats>;
using IntVector = hn::Vec<Ints>;

constexpr int kColors = FixedImage::kColors;

/// Where a tile's pixels come from in an image, or a map.
struct Sources {
  HWY_ALIGN std::int32_t places[kTileLength];  ///< of the upper left pixel, in numbers
  HWY_ALIGN std::int32_t right[kTileLength];   ///< its right neighbour's fraction, of 2^15
  HWY_ALIGN std::int32_t lower[kTileLength];   ///< the lower one's
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;          ///< what they lie within, both ends included
};

/// What pixels are sampled from: an image or a map.
struct Grid {
  const std::int16_t* values;
  std::ptrdiff_t stride;  ///< from a row to the next one, in numbers
  int width, height;
  int numbers;  ///< of a pixel
};

inline Grid grid_of(const FixedImage& image) {
  return {image.pixel(0, 0), image.stride(), image.width(), image.height(), kColors};
}

inline Grid grid_of(const FixedCells& cells) {
  return {cells.cell(0, 0), cells.stride(), cells.size(), cells.size(), cells.numbers()};
}

/// An axis of the sources: cells of the image and fractions of their next ones.
struct SourceAxis {
  IntVector cells;
  IntVector fractions;
};

/// \param position  from 0 to 2 over the image
HWY_INLINE SourceAxis source_axis(FloatVector position, int size) {
  constexpr float kLargestFraction = 32767;
  const Floats d;
  const auto exact = hn::MulAdd(position, hn::Set(d, static_cast<float>(size) / 2), hn::Set(d, -0.5F));
  // What is no number counts as the first pixel.
  const auto inside = hn::IfThenElseZero(hn::Gt(exact, hn::Zero(d)),
                                         hn::Min(exact, hn::Set(d, static_cast<float>(size - 1))));
  const auto cells = hn::ConvertTo(Ints(), inside);
  const auto fraction = hn::Sub(inside, hn::ConvertTo(d, cells));
  return {cells, hn::NearestInt(hn::Mul(fraction, hn::Set(d, kLargestFraction)))};
}

/// \param offset  from the pixels' centres to the places where the image is sampled
HWY_INLINE void find_sources(const BlendTask& task, const Grid& grid, const float (*offset)[kTileLength],
                             Sources& sources) {
  const Floats d;
  const Ints ints;
  const float step = 2.0F / static_cast<float>(task.resolution);
  const auto first_x = hn::Set(d, (static_cast<float>(task.x) + 0.5F) * step);
  const auto y = hn::Set(d, (static_cast<float>(task.y) + 0.5F) * step);
  const auto stride = hn::Set(ints, static_cast<std::int32_t>(grid.stride));
  const auto numbers = hn::Set(ints, grid.numbers);
  auto left = hn::Set(ints, grid.width), top = hn::Set(ints, grid.height);
  auto right = hn::Zero(ints), bottom = hn::Zero(ints);
  for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
    const auto x = hn::MulAdd(hn::Iota(d, static_cast<float>(i)), hn::Set(d, step), first_x);
    const SourceAxis across = source_axis(hn::Add(x, hn::Load(d, offset[0] + i)), grid.width);
    const SourceAxis down = source_axis(hn::Add(y, hn::Load(d, offset[1] + i)), grid.height);
    const auto place = hn::Add(hn::Mul(down.cells, stride), hn::Mul(across.cells, numbers));
    hn::Store(place, ints, sources.places + i);
    hn::Store(across.fractions, ints, sources.right + i);
    hn::Store(down.fractions, ints, sources.lower + i);
    left = hn::Min(left, across.cells);
    right = hn::Max(right, across.cells);
    top = hn::Min(top, down.cells);
    bottom = hn::Max(bottom, down.cells);
  }
  sources.x0 = hn::GetLane(hn::MinOfLanes(ints, left));
  sources.y0 = hn::GetLane(hn::MinOfLanes(ints, top));
  sources.x1 = std::min(hn::GetLane(hn::MaxOfLanes(ints, right)) + 1, grid.width - 1);
  sources.y1 = std::min(hn::GetLane(hn::MaxOfLanes(ints, bottom)) + 1, grid.height - 1);
}

/// Samples of a tile's pixels, in fours of numbers, and as many of no meaning behind them.
using Fours = std::int16_t[(kTileLength + 1) * kColors];

#if HWY_TARGET == HWY_SCALAR
/// Samples the four numbers of each pixel from \p first on.
inline void sample_fours_from(const Grid& grid, const Sources& sources, int first, std::int16_t* pixels) {
  const auto mixed = [](int a, int b, int fraction) { return a + (((b - a) * fraction + (1 << 14)) >> 15); };
  for (int i = 0; i < kTileLength * kColors; ++i) {
    const std::int32_t right = sources.right[i / kColors], lower = sources.lower[i / kColors];
    const std::int16_t* const upper = grid.values + sources.places[i / kColors] + first + i % kColors;
    const std::int16_t* const under = upper + grid.stride;
    pixels[i] = static_cast<std::int16_t>(mixed(
        mixed(upper[0], under[0], lower), mixed(upper[grid.numbers], under[grid.numbers], lower), right));
  }
}

inline void sample_fours(const Grid& grid, const Sources& sources, Fours& pixels) {
  sample_fours_from(grid, sources, 0, pixels);
}

inline void sample_eights(const Grid& grid, const Sources& sources, Fours& firsts, Fours& others) {
  sample_fours_from(grid, sources, 0, firsts);
  sample_fours_from(grid, sources, kColors, others);
}
#else
template <class Vector>
HWY_INLINE Vector mix(Vector a, Vector b, std::int32_t fraction) {
  const hn::DFromV<Vector> d;
  return hn::Add(
      a, hn::MulFixedPoint15(hn::SaturatedSub(b, a), hn::Set(d, static_cast<std::int16_t>(fraction))));
}

/// Of pixels of four numbers.
HWY_INLINE void sample_fours(const Grid& grid, const Sources& sources, Fours& pixels) {
  const hn::Full128<std::int16_t> d;
  // The next row of the frame will need the row below.
  constexpr int kLinePixels = 8;
  for (int i = 0; i < kTileLength; i += kLinePixels) {
    hwy::Prefetch(grid.values + sources.places[i] + 2 * grid.stride);
  }
  for (int i = 0; i < kTileLength; ++i) {
    const std::int16_t* const upper = grid.values + sources.places[i];
    const auto columns = mix(hn::LoadU(d, upper), hn::LoadU(d, upper + grid.stride), sources.lower[i]);
    const auto pixel = mix(columns, hn::ShiftRightBytes<8>(d, columns), sources.right[i]);
    hn::StoreU(pixel, d, pixels + i * kColors);
  }
}

/// Of pixels of eight numbers.
/// \param firsts, others  the first four of each, and the others
HWY_INLINE void sample_eights(const Grid& grid, const Sources& sources, Fours& firsts, Fours& others) {
  const hn::Full128<std::int16_t> d;
  const hn::Half<decltype(d)> half;
  for (int i = 0; i < kTileLength; ++i) {
    const std::int16_t* const upper = grid.values + sources.places[i];
    const std::int16_t* const under = upper + grid.stride;
    const auto left = mix(hn::LoadU(d, upper), hn::LoadU(d, under), sources.lower[i]);
    const auto right =
        mix(hn::LoadU(d, upper + 2 * kColors), hn::LoadU(d, under + 2 * kColors), sources.lower[i]);
    const auto pixel = mix(left, right, sources.right[i]);
    hn::StoreU(hn::LowerHalf(half, pixel), half, firsts + i * kColors);
    hn::StoreU(hn::UpperHalf(half, pixel), half, others + i * kColors);
  }
}
#endif

/// A vector of pixels, colour by colour.
struct Colors {
  FloatVector of[kColors];
};

HWY_INLINE Colors load_colors(const std::int16_t* pixels, int one = FixedImage::kOne) {
  const Floats d;
  const HalfShorts shorts;
  const auto scale = hn::Set(d, 1.0F / static_cast<float>(one));
  hn::Vec<HalfShorts> r, g, b, a;
  hn::LoadInterleaved4(shorts, pixels, r, g, b, a);
  const auto plain = [&](hn::Vec<HalfShorts> channel) {
    return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(Ints(), channel)), scale);
  };
  return {{plain(r), plain(g), plain(b), plain(a)}};
}

}  // namespace tha4::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
