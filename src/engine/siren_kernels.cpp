// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "siren_kernels.cpp"
#include "siren_kernels.h"

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
#include "map_sampling-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {
namespace {

using Floats = hn::ScalableTag<float>;
using Ints = hn::ScalableTag<std::int32_t>;
using Shorts = hn::ScalableTag<std::int16_t>;
using FloatVector = hn::Vec<Floats>;
using IntVector = hn::Vec<Ints>;
using ShortVector = hn::Vec<Shorts>;

/// sin(2πx), to 1e-6.
HWY_INLINE FloatVector sine_of_turns(FloatVector x) {
  const Floats d;
  const auto quarter = hn::Set(d, 0.25F);
  const auto rest = hn::Sub(x, hn::Round(x));  // within half a turn
  // The same sine within a quarter of a turn, less its sign.
  const auto t = hn::Sub(quarter, hn::Abs(hn::Sub(hn::Abs(rest), quarter)));
  const auto square = hn::Mul(t, t);
  auto sum = hn::Set(d, 39.536706F);
  sum = hn::MulAdd(sum, square, hn::Set(d, -76.549782F));
  sum = hn::MulAdd(sum, square, hn::Set(d, 81.601669F));
  sum = hn::MulAdd(sum, square, hn::Set(d, -41.341648F));
  sum = hn::MulAdd(sum, square, hn::Set(d, 6.2831852F));
  return hn::CopySign(hn::Mul(sum, t), rest);
}

HWY_INLINE IntVector fixed_point(FloatVector sine) {
  return hn::NearestInt(hn::Mul(sine, hn::Set(Floats(), static_cast<float>(kFixedPointOne))));
}

/// Writes the sines of an even output and of the next one, in pairs: [outputs / 2][kTileLength][2].
HWY_INLINE void store_sines(std::int16_t* sines, int output, std::size_t pixel, FloatVector even,
                            FloatVector odd) {
  const Ints d;
  const auto low = hn::And(fixed_point(sine_of_turns(even)), hn::Set(d, 0xffff));
  const auto pairs = hn::Or(hn::ShiftLeft<16>(fixed_point(sine_of_turns(odd))), low);
  auto* const place = reinterpret_cast<std::int32_t*>(sines) + output / 2 * kTileLength + pixel;
  hn::Store(pairs, d, place);
}

HWY_INLINE FloatVector scaled(IntVector sum, float scale, float bias) {
  const Floats d;
  return hn::MulAdd(hn::ConvertTo(d, sum), hn::Set(d, scale), hn::Set(d, bias));
}

/// kPanelOutputs * sizeof...(panels) outputs of two vectors of pixels; the numbers are unrolled by hand, as
/// it were, for the sums to stay in registers.
template <class Take, std::size_t... i>
HWY_INLINE void multiply_panels(const FixedPointLayer& layer, int panel, const std::int16_t* sines,
                                std::size_t pixel, Take& take, std::index_sequence<i...>) {
  constexpr int kOutputs = sizeof...(i);
  const Shorts shorts;
  const std::size_t lanes = hn::Lanes(Floats());
  const int pairs = layer.inputs / 2;
  const auto* const weights = reinterpret_cast<const std::int32_t*>(layer.weights.data());
  const std::int32_t* const first = weights + static_cast<std::size_t>(panel) * pairs * kPanelOutputs;
  const std::size_t next_panel = static_cast<std::size_t>(pairs) * kPanelOutputs;
  IntVector left[kOutputs], right[kOutputs];
  ((left[i] = hn::Zero(Ints()), right[i] = hn::Zero(Ints())), ...);
  for (int pair = 0; pair < pairs; ++pair) {
    const std::int16_t* const values =
        sines + (static_cast<std::size_t>(layer.first_input / 2 + pair) * kTileLength + pixel) * 2;
    const ShortVector a = hn::Load(shorts, values), b = hn::Load(shorts, values + 2 * lanes);
    const std::int32_t* const row = first + pair * kPanelOutputs;
    ShortVector weight;
    ((weight = hn::BitCast(shorts, hn::Set(Ints(), row[i / kPanelOutputs * next_panel + i % kPanelOutputs])),
      left[i] = add_pair_products(weight, a, left[i]), right[i] = add_pair_products(weight, b, right[i])),
     ...);
  }
  FloatVector left_results[kOutputs], right_results[kOutputs];
  const std::size_t output = static_cast<std::size_t>(panel) * kPanelOutputs;
  ((left_results[i] = scaled(left[i], layer.scales[output + i], layer.biases[output + i]),
    right_results[i] = scaled(right[i], layer.scales[output + i], layer.biases[output + i])),
   ...);
  for (int k = 0; k < kOutputs; k += 2) {
    take(static_cast<int>(output) + k, pixel, left_results[k], left_results[k + 1]);
    take(static_cast<int>(output) + k, pixel + lanes, right_results[k], right_results[k + 1]);
  }
}

/// Calls take(output, pixel, values of output, values of output + 1) for all outputs and vectors of pixels.
template <class Take>
HWY_INLINE void multiply(const FixedPointLayer& layer, const std::int16_t* sines, Take take) {
  // With 32 registers, twelve outputs' sums of two vectors fit; with 16, six.
  constexpr int kPanels = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64 ? 2 : 1;
  const std::size_t step = 2 * hn::Lanes(Floats());
  int panel = 0;
  for (; panel + kPanels <= layer.panels; panel += kPanels) {
    for (std::size_t pixel = 0; pixel < kTileLength; pixel += step)
      multiply_panels(layer, panel, sines, pixel, take, std::make_index_sequence<kPanels * kPanelOutputs>());
  }
  for (; panel < layer.panels; ++panel) {
    for (std::size_t pixel = 0; pixel < kTileLength; pixel += step)
      multiply_panels(layer, panel, sines, pixel, take, std::make_index_sequence<kPanelOutputs>());
  }
}

/// Parts of a tile that lie beside each other, as one.
struct Segment {
  int pixel;  ///< of the tile
  int x, y;
  int length;
};

struct TileSegments {
  Segment segments[kTileLength];
  int count = 0;

  explicit TileSegments(const TileTask& task) {
    for (int pixel = 0; pixel < kTileLength; pixel += task.part_length) {
      const TilePart& part = task.parts[pixel / task.part_length];
      Segment* const last = count > 0 ? segments + count - 1 : nullptr;
      if (last != nullptr && last->y == part.y && last->x + last->length == part.x) {
        last->length += task.part_length;
      } else {
        segments[count++] = {pixel, part.x, part.y, task.part_length};
      }
    }
  }
};

/// The cells between two rows of a map, from the cell that a segment's first pixel is right of to that which
/// its last one is left of.
struct CellRange {
  int begin;
  int count;
};

CellRange cells_of(const TileTask& task, const Segment& segment) {
  const int first = task.samples[segment.x].cell - 1;
  const int last = task.samples[std::min(segment.x + segment.length, task.resolution) - 1].cell + 2;
  return {first, last - first};
}

/// A channel's cells at a segment's row.
HWY_INLINE void mix_rows(const FeatureMap& map, int channel, const AxisSample& at, const CellRange& range,
                         float* cells) {
  const Floats d;
  const float* const upper = map.row(at.cell, channel) + range.begin;
  const float* const lower = map.row(std::min(at.cell + 1, map.size() - 1), channel) + range.begin;
  const auto fraction = hn::Set(d, at.fraction), rest = hn::Set(d, 1 - at.fraction);
  for (int i = 0; i < range.count; i += static_cast<int>(hn::Lanes(d))) {
    const auto mixed = hn::MulAdd(hn::LoadU(d, lower + i), fraction, hn::Mul(hn::LoadU(d, upper + i), rest));
    hn::StoreU(mixed, d, cells + i);
  }
}

/// A channel's values at a segment's pixels, of a map of half the size: each cell has two pixels, a quarter
/// of a cell from its centre. Writes two vectors at least.
HWY_INLINE void sample_doubled(const float* cells, int count, float* values) {
  const Floats d;
  const auto near = hn::Set(d, 0.75F), far = hn::Set(d, 0.25F);
  for (int i = 0; i < count / 2; i += static_cast<int>(hn::Lanes(d))) {
    const auto own = hn::Mul(hn::LoadU(d, cells + 1 + i), near);
    hn::StoreInterleaved2(hn::MulAdd(hn::LoadU(d, cells + i), far, own),
                          hn::MulAdd(hn::LoadU(d, cells + 2 + i), far, own), d, values + 2 * i);
  }
}

HWY_INLINE void sample(const TileTask& task, const Segment& segment, const CellRange& range,
                       const float* cells, float* values) {
  const int count = std::min(segment.length, task.resolution - segment.x);
  for (int i = 0; i < count; ++i) {
    const AxisSample& at = task.samples[segment.x + i];
    const float* const cell = cells + (at.cell - range.begin);
    values[i] = cell[0] * (1 - at.fraction) + cell[1] * at.fraction;
  }
}

/// A channel's values at a tile's pixels.
/// \param values  has room for a vector too many
HWY_INLINE void sample_channel(const TileTask& task, const TileSegments& segments, int channel, float* cells,
                               float* values) {
  const FeatureMap& map = *task.features;
  const bool doubles = 2 * map.size() == task.resolution;
  for (int i = 0; i < segments.count; ++i) {
    const Segment& segment = segments.segments[i];
    const CellRange range =
        doubles ? CellRange{segment.x / 2 - 1, segment.length / 2 + 2} : cells_of(task, segment);
    mix_rows(map, channel, task.samples[segment.y], range, cells);
    if (doubles) {
      sample_doubled(cells, segment.length, values + segment.pixel);
    } else {
      sample(task, segment, range, cells, values + segment.pixel);
    }
  }
}

/// Where a tile's pixels lie, the whole frame being [-1, 1]. The same of a pixel in whatever tile it is.
struct TilePositions {
  HWY_ALIGN float x[kTileLength];
  HWY_ALIGN float y[kTileLength];

  explicit TilePositions(const TileTask& task) {
    const float step = 2.0F / static_cast<float>(task.resolution);
    for (int pixel = 0; pixel < kTileLength; ++pixel) {
      const TilePart& part = task.parts[pixel / task.part_length];
      x[pixel] = (static_cast<float>(part.x + pixel % task.part_length) + 0.5F) * step - 1;
      y[pixel] = (static_cast<float>(part.y) + 0.5F) * step - 1;
    }
  }
};

/// The first layer: what the level before gives, and position and pose.
HWY_INLINE void draw_first_layer(const TileTask& task, TileScratch& scratch, std::int16_t* sines) {
  const Floats d;
  const FirstSineLayer& layer = task.level->first;
  const TilePositions positions(task);
  const TileSegments segments(task);
  HWY_ALIGN float values[2][2 * kTileLength] = {};
  for (int output = 0; output < layer.outputs; output += 2) {
    for (int k = 0; k < 2 && task.features != nullptr; ++k) {
      sample_channel(task, segments, output + k, scratch.cells(), values[k]);
    }
    for (std::size_t pixel = 0; pixel < kTileLength; pixel += hn::Lanes(d)) {
      const auto x = hn::Load(d, positions.x + pixel), y = hn::Load(d, positions.y + pixel);
      FloatVector turns[2];
      for (int k = 0; k < 2; ++k) {
        const auto constant =
            hn::MulAdd(y, hn::Set(d, layer.of_y[output + k]), hn::Set(d, task.biases[output + k]));
        turns[k] = hn::Add(hn::Load(d, values[k] + pixel),
                           hn::MulAdd(x, hn::Set(d, layer.of_x[output + k]), constant));
      }
      store_sines(sines, output, pixel, turns[0], turns[1]);
    }
  }
}

void DrawTile(const TileTask& task, TileScratch& scratch, float* results) {
  std::int16_t* from = scratch.sines(0);
  std::int16_t* to = scratch.sines(1);
  draw_first_layer(task, scratch, from);
  for (const FixedPointLayer& layer : task.level->sine_layers) {
    multiply(layer, from, [&](int output, std::size_t pixel, FloatVector even, FloatVector odd) {
      store_sines(to, output, pixel, even, odd);
    });
    std::swap(from, to);
  }
  const auto place = [&](int output, std::size_t pixel) {
    return results + static_cast<std::size_t>(output) * kTileLength + pixel;
  };
  const Floats d;
  const std::vector<FixedPointLayer>& parts = task.level->results;
  multiply(parts.front(), from, [&](int output, std::size_t pixel, FloatVector even, FloatVector odd) {
    hn::StoreU(even, d, place(output, pixel));
    hn::StoreU(odd, d, place(output + 1, pixel));
  });
  for (std::size_t i = 1; i < parts.size(); ++i) {
    multiply(parts[i], from, [&](int output, std::size_t pixel, FloatVector even, FloatVector odd) {
      hn::StoreU(hn::Add(hn::LoadU(d, place(output, pixel)), even), d, place(output, pixel));
      hn::StoreU(hn::Add(hn::LoadU(d, place(output + 1, pixel)), odd), d, place(output + 1, pixel));
    });
  }
}

void MultiplyTile(const FixedPointLayer& layer, const std::int16_t* sines, float* results) {
  const Floats d;
  multiply(layer, sines, [&](int output, std::size_t pixel, FloatVector even, FloatVector odd) {
    float* const place = results + static_cast<std::size_t>(output) * kTileLength + pixel;
    hn::StoreU(even, d, place);
    hn::StoreU(odd, d, place + kTileLength);
  });
}

const char* Target() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(DrawTile);
HWY_EXPORT(MultiplyTile);
HWY_EXPORT(Target);

void draw_tile(const TileTask& task, TileScratch& scratch, float* results) {
  HWY_DYNAMIC_DISPATCH(DrawTile)(task, scratch, results);
}

void multiply_tile(const FixedPointLayer& layer, const std::int16_t* sines, float* results) {
  HWY_DYNAMIC_DISPATCH(MultiplyTile)(layer, sines, results);
}

const char* kernel_target() {
  return HWY_DYNAMIC_DISPATCH(Target)();
}

}  // namespace tha4

#endif
