// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blend_pixel_kernels.cpp"
#include <array>
#include <cstring>

#include "blend_kernels.h"

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
#include <hwy/cache_control.h>
#include "map_sampling-inl.h"
// clang-format on

#include "srgb_table.h"

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {
namespace {

using Floats = hn::ScalableTag<float>;
using Ints = hn::ScalableTag<std::int32_t>;
using HalfShorts = hn::Rebind<std::int16_t, Floats>;
using FloatVector = hn::Vec<Floats>;
using IntVector = hn::Vec<Ints>;

constexpr int kFlow = 2;
constexpr int kColors = FixedImage::kColors;

void WriteFixedPixels(const float* planes, std::ptrdiff_t plane, int count, std::int16_t* pixels) {
  const auto fixed = [](float value) {
    constexpr float kMin = -32768, kMax = 32767;
    const float scaled = value * FixedImage::kOne;
    return static_cast<std::int16_t>(std::lrint(scaled > kMin ? std::min(scaled, kMax) : kMin));
  };
  const Floats d;
  const HalfShorts shorts;
  const auto scale = hn::Set(d, static_cast<float>(FixedImage::kOne));
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = 0;
  for (; x + lanes <= count; x += lanes) {
    const auto channel = [&](int color) {
      // What is too large is cut off by both conversions.
      return hn::DemoteTo(shorts, hn::NearestInt(hn::Mul(hn::LoadU(d, planes + color * plane + x), scale)));
    };
    hn::StoreInterleaved4(channel(0), channel(1), channel(2), channel(3), shorts, pixels + x * kColors);
  }
  for (; x < count; ++x) {
    for (int color = 0; color < kColors; ++color)
      pixels[x * kColors + color] = fixed(planes[color * plane + x]);
  }
}

/// Where a tile's pixels come from in the image.
struct Sources {
  HWY_ALIGN std::int32_t places[kTileLength];  ///< of the upper left pixel, in numbers
  HWY_ALIGN std::int32_t right[kTileLength];   ///< its right neighbour's share, of 2^15
  HWY_ALIGN std::int32_t lower[kTileLength];   ///< the lower one's
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;          ///< what they lie within, both ends included
};

TileSampler sampler_of(const BlendTask& task, const SampledMap& map, float* cells) {
  return TileSampler(*map.map, map.columns, map.row, task.resolution, task.x, cells);
}

/// An axis of the sources: cells of the image and shares of their next ones.
struct SourceAxis {
  IntVector cells;
  IntVector shares;
};

/// \param position  from 0 to 2 over the image
HWY_INLINE SourceAxis source_axis(FloatVector position, int size) {
  constexpr float kLargestShare = 32767;
  const Floats d;
  const auto exact = hn::MulAdd(position, hn::Set(d, static_cast<float>(size) / 2), hn::Set(d, -0.5F));
  // What is no number counts as the first pixel.
  const auto inside = hn::IfThenElseZero(hn::Gt(exact, hn::Zero(d)),
                                         hn::Min(exact, hn::Set(d, static_cast<float>(size - 1))));
  const auto cells = hn::ConvertTo(Ints(), inside);
  const auto share = hn::Sub(inside, hn::ConvertTo(d, cells));
  return {cells, hn::NearestInt(hn::Mul(share, hn::Set(d, kLargestShare)))};
}

HWY_INLINE void find_sources(const BlendTask& task, const float (*flow)[kTileLength], Sources& sources) {
  const Floats d;
  const Ints ints;
  const float step = 2.0F / static_cast<float>(task.resolution);
  const auto first_x = hn::Set(d, (static_cast<float>(task.x) + 0.5F) * step);
  const auto y = hn::Set(d, (static_cast<float>(task.y) + 0.5F) * step);
  const auto stride = hn::Set(ints, static_cast<std::int32_t>(task.image->stride()));
  auto left = hn::Set(ints, task.image->width()), top = hn::Set(ints, task.image->height());
  auto right = hn::Zero(ints), bottom = hn::Zero(ints);
  for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
    const auto x = hn::MulAdd(hn::Iota(d, static_cast<float>(i)), hn::Set(d, step), first_x);
    const SourceAxis across = source_axis(hn::Add(x, hn::Load(d, flow[0] + i)), task.image->width());
    const SourceAxis down = source_axis(hn::Add(y, hn::Load(d, flow[1] + i)), task.image->height());
    hn::Store(hn::Add(hn::Mul(down.cells, stride), hn::ShiftLeft<2>(across.cells)), ints, sources.places + i);
    hn::Store(across.shares, ints, sources.right + i);
    hn::Store(down.shares, ints, sources.lower + i);
    left = hn::Min(left, across.cells);
    right = hn::Max(right, across.cells);
    top = hn::Min(top, down.cells);
    bottom = hn::Max(bottom, down.cells);
  }
  sources.x0 = hn::GetLane(hn::MinOfLanes(ints, left));
  sources.y0 = hn::GetLane(hn::MinOfLanes(ints, top));
  sources.x1 = std::min(hn::GetLane(hn::MaxOfLanes(ints, right)) + 1, task.image->width() - 1);
  sources.y1 = std::min(hn::GetLane(hn::MaxOfLanes(ints, bottom)) + 1, task.image->height() - 1);
}

/// Samples the image at a tile's sources: [kTileLength][4], and as many numbers of no meaning behind them.
#if HWY_TARGET == HWY_SCALAR
void sample_image(const FixedImage& image, const Sources& sources, std::int16_t* pixels) {
  const auto mixed = [](int a, int b, int share) { return a + (((b - a) * share + (1 << 14)) >> 15); };
  for (int i = 0; i < kTileLength * kColors; ++i) {
    const std::int32_t right = sources.right[i / kColors], lower = sources.lower[i / kColors];
    const std::int16_t* const upper = image.pixel(0, 0) + sources.places[i / kColors] + i % kColors;
    const std::int16_t* const under = upper + image.stride();
    pixels[i] = static_cast<std::int16_t>(
        mixed(mixed(upper[0], under[0], lower), mixed(upper[kColors], under[kColors], lower), right));
  }
}
#else
HWY_INLINE void sample_image(const FixedImage& image, const Sources& sources, std::int16_t* pixels) {
  const hn::Full128<std::int16_t> d;
  const std::int16_t* const values = image.pixel(0, 0);
  const std::ptrdiff_t stride = image.stride();
  const auto mixed = [](auto a, auto b, auto share) {
    return hn::Add(a, hn::MulFixedPoint15(hn::SaturatedSub(b, a), share));
  };
  // The next row of the frame will need the row below.
  constexpr int kLinePixels = 8;
  for (int i = 0; i < kTileLength; i += kLinePixels) hwy::Prefetch(values + sources.places[i] + 2 * stride);
  for (int i = 0; i < kTileLength; ++i) {
    const std::int16_t* const upper = values + sources.places[i];
    const auto columns = mixed(hn::LoadU(d, upper), hn::LoadU(d, upper + stride),
                               hn::Set(d, static_cast<std::int16_t>(sources.lower[i])));
    const auto pixel = mixed(columns, hn::ShiftRightBytes<8>(d, columns),
                             hn::Set(d, static_cast<std::int16_t>(sources.right[i])));
    hn::StoreU(pixel, d, pixels + i * kColors);
  }
}
#endif

/// A vector of pixels, colour by colour.
struct Colors {
  FloatVector of[kColors];
};

HWY_INLINE Colors load_colors(const std::int16_t* pixels) {
  const Floats d;
  const HalfShorts shorts;
  const auto scale = hn::Set(d, 1.0F / FixedImage::kOne);
  hn::Vec<HalfShorts> r, g, b, a;
  hn::LoadInterleaved4(shorts, pixels, r, g, b, a);
  const auto plain = [&](hn::Vec<HalfShorts> channel) {
    return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(Ints(), channel)), scale);
  };
  return {{plain(r), plain(g), plain(b), plain(a)}};
}

/// Samples of the appearance.
struct Appearance {
  HWY_ALIGN float alpha[kTileLength] = {};
  HWY_ALIGN float drawn[kColors][kTileLength] = {};
};

HWY_INLINE void sample_appearance(const BlendTask& task, float* cells, Appearance& appearance) {
  if (task.appearance.map == nullptr) return;
  const Floats d;
  const TileSampler sampler = sampler_of(task, task.appearance, cells);
  sampler.sample(0, appearance.alpha);
  for (int color = 0; color < kColors; ++color) sampler.sample(1 + color, appearance.drawn[color]);
  for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
    const auto alpha = hn::Min(hn::Max(hn::Load(d, appearance.alpha + i), hn::Zero(d)), hn::Set(d, 1.0F));
    hn::Store(alpha, d, appearance.alpha + i);
  }
}

/// (1 - alpha) * warped + drawn
HWY_INLINE FloatVector blend(FloatVector warped, FloatVector alpha, FloatVector drawn) {
  return hn::Add(hn::NegMulAdd(alpha, warped, warped), drawn);
}

void DrawBlendedTile(const BlendTask& task, float* cells, BlendedTile& tile) {
  constexpr float kMinAlpha = 1e-3F;
  const Floats d;
  const TileSampler flow = sampler_of(task, task.flow, cells);
  for (int axis = 0; axis < kFlow; ++axis) {
    std::fill_n(tile.flow[axis], kTileLength, 0.0F);
    flow.sample(axis, tile.flow[axis]);
  }
  Sources sources;
  find_sources(task, tile.flow, sources);
  HWY_ALIGN std::int16_t pixels[(kTileLength + 1) * kColors];
  sample_image(*task.image, sources, pixels);
  Appearance appearance;
  sample_appearance(task, cells, appearance);
  for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
    const Colors warped = load_colors(pixels + i * kColors);
    const auto alpha = hn::Load(d, appearance.alpha + i);
    const auto share = hn::Max(alpha, hn::Set(d, kMinAlpha));
    hn::Store(alpha, d, tile.alpha + i);
    for (int color = 0; color < kColors; ++color) {
      const auto drawn = hn::Load(d, appearance.drawn[color] + i);
      hn::Store(warped.of[color], d, tile.warped[color] + i);
      hn::Store(blend(warped.of[color], alpha, drawn), d, tile.blended[color] + i);
      hn::Store(hn::Div(drawn, share), d, tile.direct[color] + i);
    }
  }
}

/// What becomes of a tile's colours as 8 bits.
struct PixelLevels {
  HWY_ALIGN std::int32_t of[kColors][kTileLength];  ///< places in the table of levels; alpha's own level
};

/// As to_rgba_image() does it (image/color.h).
HWY_INLINE void find_levels(const Colors& colors, std::size_t place, PixelLevels& levels) {
  constexpr float kMinAlpha = 0.5F / 255;
  const Floats d;
  const Ints ints;
  const auto half = hn::Set(d, 0.5F), one = hn::Set(d, 1.0F);
  const auto alpha = hn::Min(hn::MulAdd(colors.of[3], half, half), one);
  const auto is_seen = hn::Ge(alpha, hn::Set(d, kMinAlpha));
  const auto factor = hn::IfThenElseZero(is_seen, hn::Div(hn::Set(d, float{kSrgbBins}), alpha));
  for (int color = 0; color < 3; ++color) {
    const auto bin = hn::Mul(hn::MulAdd(colors.of[color], half, half), factor);
    // What is no number becomes black.
    const auto inside =
        hn::IfThenElseZero(hn::Gt(bin, hn::Zero(d)), hn::Min(bin, hn::Set(d, float{kSrgbBins - 1})));
    hn::Store(hn::ConvertTo(ints, inside), ints, levels.of[color] + place);
  }
  const auto level = hn::IfThenElseZero(is_seen, hn::MulAdd(alpha, hn::Set(d, 255.0F), half));
  hn::Store(hn::ConvertTo(ints, level), ints, levels.of[3] + place);
}

void DrawBlendedPixels(const BlendTask& task, float* cells, int offset, int count, std::uint8_t* to) {
  const Floats d;
  HWY_ALIGN float flow[kFlow][kTileLength] = {};
  const TileSampler sampler = sampler_of(task, task.flow, cells);
  for (int axis = 0; axis < kFlow; ++axis) sampler.sample(axis, flow[axis]);
  Sources sources;
  find_sources(task, flow, sources);
  if (task.appearance.map == nullptr &&
      task.image->is_empty(sources.x0, sources.y0, sources.x1, sources.y1)) {
    std::fill_n(to, static_cast<std::size_t>(count) * kColors, std::uint8_t{0});
    return;
  }
  HWY_ALIGN std::int16_t pixels[(kTileLength + 1) * kColors];
  sample_image(*task.image, sources, pixels);
  PixelLevels levels;
  if (task.appearance.map == nullptr) {
    for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
      find_levels(load_colors(pixels + i * kColors), i, levels);
    }
  } else {
    Appearance appearance;
    sample_appearance(task, cells, appearance);
    for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
      Colors colors = load_colors(pixels + i * kColors);
      const auto alpha = hn::Load(d, appearance.alpha + i);
      for (int color = 0; color < kColors; ++color) {
        colors.of[color] = blend(colors.of[color], alpha, hn::Load(d, appearance.drawn[color] + i));
      }
      find_levels(colors, i, levels);
    }
  }
  const std::uint8_t* const table = srgb_table();
  for (int i = 0; i < count; ++i) {
    const auto level = [&](int color) { return table[levels.of[color][offset + i]]; };
    const std::array<std::uint8_t, kColors> pixel = {level(0), level(1), level(2),
                                                     static_cast<std::uint8_t>(levels.of[3][offset + i])};
    std::memcpy(to + i * kColors, pixel.data(), kColors);
  }
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(WriteFixedPixels);
HWY_EXPORT(DrawBlendedTile);
HWY_EXPORT(DrawBlendedPixels);

void write_fixed_pixels(const float* planes, std::ptrdiff_t plane, int count, std::int16_t* pixels) {
  HWY_DYNAMIC_DISPATCH(WriteFixedPixels)(planes, plane, count, pixels);
}

void draw_blended_tile(const BlendTask& task, float* cells, BlendedTile& tile) {
  HWY_DYNAMIC_DISPATCH(DrawBlendedTile)(task, cells, tile);
}

void draw_blended_pixels(const BlendTask& task, float* cells, int offset, int count, std::uint8_t* pixels) {
  HWY_DYNAMIC_DISPATCH(DrawBlendedPixels)(task, cells, offset, count, pixels);
}

std::size_t blend_scratch_size(int size) {
  return static_cast<std::size_t>(size + 2 * kTileLength + 4 * FeatureMap::kMargin);
}

}  // namespace tha4

#endif
