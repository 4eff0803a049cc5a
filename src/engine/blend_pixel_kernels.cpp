// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blend_pixel_kernels.cpp"
#include <array>
#include <cstring>

#include "blend_kernels.h"

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
#include "fixed_sampling-inl.h"
#include "map_sampling-inl.h"
// clang-format on

#include "srgb_table.h"

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {
namespace {

constexpr int kFlow = 2;

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

void WriteFixedCells(const float* planes, std::ptrdiff_t plane, int channels, int count, int one,
                     std::int16_t* cells) {
  constexpr int kGroup = FixedCells::kGroup;
  const Floats d;
  const HalfShorts shorts;
  const auto scale = hn::Set(d, static_cast<float>(one));
  const int lanes = static_cast<int>(hn::Lanes(d));
  const int groups = (channels + kGroup - 1) / kGroup;
  HWY_ALIGN std::int16_t fours[kGroup * hn::MaxLanes(d)];
  HWY_ALIGN float last[hn::MaxLanes(d)] = {};  // cells of the row, fewer than a vector has
  for (int x = 0; x < count; x += lanes) {
    const auto given = static_cast<std::size_t>(std::min(lanes, count - x));
    for (int group = 0; group < groups; ++group) {
      const auto channel = [&](int index) {
        if (index >= channels) return hn::Zero(shorts);
        const float* from = planes + index * plane + x;
        if (x + lanes > count) from = std::copy_n(from, given, last) - given;
        // What is too large is cut off by both conversions; what is no number becomes any.
        return hn::DemoteTo(shorts, hn::NearestInt(hn::Mul(hn::LoadU(d, from), scale)));
      };
      const int first = group * kGroup;
      hn::StoreInterleaved4(channel(first), channel(first + 1), channel(first + 2), channel(first + 3),
                            shorts, fours);
      for (std::size_t i = 0; i < given; ++i) {
        std::memcpy(cells + ((x + static_cast<std::ptrdiff_t>(i)) * groups + group) * kGroup,
                    fours + i * kGroup, kGroup * sizeof(std::int16_t));
      }
    }
  }
}

TileSampler sampler_of(const BlendTask& task, const SampledMap& map, float* cells) {
  return TileSampler(*map.map, map.columns, map.row, task.resolution, task.x, cells);
}

/// Samples of the appearance.
struct Appearance {
  HWY_ALIGN float alpha[kTileLength] = {};
  HWY_ALIGN float drawn[kColors][kTileLength] = {};
};

HWY_INLINE FloatVector within_zero_and_one(FloatVector values) {
  const Floats d;
  return hn::Min(hn::Max(values, hn::Zero(d)), hn::Set(d, 1.0F));
}

HWY_INLINE void sample_still(const BlendTask& task, float* cells, Appearance& appearance) {
  const Floats d;
  const TileSampler sampler = sampler_of(task, task.appearance, cells);
  sampler.sample(0, appearance.alpha);
  for (int color = 0; color < kColors; ++color) sampler.sample(1 + color, appearance.drawn[color]);
  for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
    hn::Store(within_zero_and_one(hn::Load(d, appearance.alpha + i)), d, appearance.alpha + i);
  }
}

HWY_INLINE void sample_moved(const FixedCells& cells, const Sources& sources, Appearance& appearance) {
  const Floats d;
  HWY_ALIGN Fours firsts, others;
  sample_eights(grid_of(cells), sources, firsts, others);
  for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
    const Colors first = load_colors(firsts + i * kColors, cells.one());
    const Colors other = load_colors(others + i * kColors, cells.one());
    hn::Store(within_zero_and_one(first.of[0]), d, appearance.alpha + i);
    for (int color = 0; color < 3; ++color) hn::Store(first.of[1 + color], d, appearance.drawn[color] + i);
    hn::Store(other.of[0], d, appearance.drawn[3] + i);
  }
}

/// What the maps hold for a tile's pixels.
struct MapSamples {
  HWY_ALIGN float flow[kFlow][kTileLength] = {};
  Appearance appearance;
  bool is_drawn = false;  ///< whether the appearance is not 0 everywhere
};

HWY_INLINE void sample_still_maps(const BlendTask& task, float* cells, MapSamples& samples) {
  const TileSampler flow = sampler_of(task, task.flow, cells);
  for (int axis = 0; axis < kFlow; ++axis) flow.sample(axis, samples.flow[axis]);
  samples.is_drawn = task.appearance.map != nullptr;
  if (samples.is_drawn) sample_still(task, cells, samples.appearance);
}

HWY_INLINE void sample_moved_maps(const BlendTask& task, MapSamples& samples) {
  const Floats d;
  const MovedMaps& maps = task.moved;
  HWY_ALIGN float motion[kFlow][kTileLength];
  const auto fraction = hn::Set(d, maps.motion.fraction);
  for (int axis = 0; axis < kFlow; ++axis) {
    const float* const upper = maps.motion.upper + axis * maps.motion.axis + task.x;
    const float* const lower = maps.motion.lower + axis * maps.motion.axis + task.x;
    for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
      const auto above = hn::LoadU(d, upper + i);
      hn::Store(hn::MulAdd(hn::Sub(hn::LoadU(d, lower + i), above), fraction, above), d, motion[axis] + i);
    }
  }
  Sources sources;
  find_sources(task, grid_of(*maps.flow), motion, sources);
  HWY_ALIGN Fours flow;
  sample_fours(grid_of(*maps.flow), sources, flow);
  for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
    const Colors added = load_colors(flow + i * kColors, maps.flow->one());
    for (int axis = 0; axis < kFlow; ++axis) {
      hn::Store(hn::Add(hn::Load(d, motion[axis] + i), added.of[axis]), d, samples.flow[axis] + i);
    }
  }
  find_sources(task, grid_of(*maps.appearance), motion, sources);
  samples.is_drawn = !maps.zeros->all(sources.x0, sources.y0, sources.x1, sources.y1);
  if (samples.is_drawn) sample_moved(*maps.appearance, sources, samples.appearance);
}

HWY_INLINE void sample_maps(const BlendTask& task, float* cells, MapSamples& samples) {
  task.moved.flow != nullptr ? sample_moved_maps(task, samples) : sample_still_maps(task, cells, samples);
}

/// (1 - alpha) * warped + drawn
HWY_INLINE FloatVector blend(FloatVector warped, FloatVector alpha, FloatVector drawn) {
  return hn::Add(hn::NegMulAdd(alpha, warped, warped), drawn);
}

void DrawBlendedTile(const BlendTask& task, float* cells, BlendedTile& tile) {
  constexpr float kMinAlpha = 1e-3F;
  const Floats d;
  MapSamples samples;
  sample_maps(task, cells, samples);
  const Appearance& appearance = samples.appearance;
  for (int axis = 0; axis < kFlow; ++axis) std::copy_n(samples.flow[axis], kTileLength, tile.flow[axis]);
  Sources sources;
  find_sources(task, grid_of(*task.image), samples.flow, sources);
  HWY_ALIGN Fours pixels;
  sample_fours(grid_of(*task.image), sources, pixels);
  for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
    const Colors warped = load_colors(pixels + i * kColors);
    const auto alpha = hn::Load(d, appearance.alpha + i);
    const auto fraction = hn::Max(alpha, hn::Set(d, kMinAlpha));
    hn::Store(alpha, d, tile.alpha + i);
    for (int color = 0; color < kColors; ++color) {
      const auto drawn = hn::Load(d, appearance.drawn[color] + i);
      hn::Store(warped.of[color], d, tile.warped[color] + i);
      hn::Store(blend(warped.of[color], alpha, drawn), d, tile.blended[color] + i);
      hn::Store(hn::Div(drawn, fraction), d, tile.direct[color] + i);
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
  MapSamples samples;
  sample_maps(task, cells, samples);
  Sources sources;
  find_sources(task, grid_of(*task.image), samples.flow, sources);
  if (!samples.is_drawn && task.image->is_empty(sources.x0, sources.y0, sources.x1, sources.y1)) {
    std::fill_n(to, static_cast<std::size_t>(count) * kColors, std::uint8_t{0});
    return;
  }
  HWY_ALIGN Fours pixels;
  sample_fours(grid_of(*task.image), sources, pixels);
  PixelLevels levels;
  if (!samples.is_drawn) {
    for (std::size_t i = 0; i < kTileLength; i += hn::Lanes(d)) {
      find_levels(load_colors(pixels + i * kColors), i, levels);
    }
  } else {
    const Appearance& appearance = samples.appearance;
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
HWY_EXPORT(WriteFixedCells);
HWY_EXPORT(DrawBlendedTile);
HWY_EXPORT(DrawBlendedPixels);

void write_fixed_pixels(const float* planes, std::ptrdiff_t plane, int count, std::int16_t* pixels) {
  HWY_DYNAMIC_DISPATCH(WriteFixedPixels)(planes, plane, count, pixels);
}

void write_fixed_cells(const float* planes, std::ptrdiff_t plane, int channels, int count, int one,
                       std::int16_t* cells) {
  HWY_DYNAMIC_DISPATCH(WriteFixedCells)(planes, plane, channels, count, one, cells);
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
