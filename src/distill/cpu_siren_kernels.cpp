// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu_siren_kernels.cpp"
#include "cpu_siren_kernels.h"

#include <cstdint>
#include <utility>

// clang-format off
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
#include "cpu_siren_products-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
#if THA4_SIREN_PAIRS
HWY_PUSH_ATTRIBUTES("avx512bf16,avx512vnni")
#endif
namespace tha4::HWY_NAMESPACE {
namespace {

/// Pixels of two vectors: a tile goes through a layer chunk by chunk.
HWY_INLINE int chunk_pixels() {
  return 2 * static_cast<int>(hn::Lanes(Floats()));
}

/// How many chunks of a tile are looked at.
HWY_INLINE int chunks_of(const TrainedTile& tile) {
  return (tile.pixels + chunk_pixels() - 1) / chunk_pixels();
}

constexpr int padded(int count, int multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

/// Where a chunk's sines go.
template <class Numbers>
class SineWriter {
 public:
  SineWriter(const TrainedTileScratch& scratch, int channels)
      : scratch_(scratch), even_channels_(padded(channels, 2)) {}

  /// Sines and cosines of two channels of chunk number \p chunk.
  HWY_INLINE void take(int channel, int chunk, const ChunkPair& turns, float* operands, float* cosines) {
    ChunkPair sines;
    for (int k = 0; k < 2; ++k) {
      FloatVector of_chunk[2];
      for (int side = 0; side < 2; ++side) {
        sine_and_cosine<Numbers::kRoughCosine>(turns.values[k][side], sines.values[k][side], of_chunk[side]);
      }
      const int row_units = chunk_pixels() / Numbers::kPack;
      Numbers::store_row(of_chunk,
                         cosines + (channel + k) * (kTrainedTile / Numbers::kPack) + chunk * row_units);
      Numbers::store_row(sines.values[k], scratch_.rows + (channel + k) * row_units);
    }
    Numbers::store_sines(sines.values, operands, channel);
  }

  /// Writes the rows of a chunk that is done as vectors of channels.
  HWY_INLINE void finish(int chunk, float* sines) {
    const int lanes = static_cast<int>(hn::Lanes(Floats())), row_units = chunk_pixels() / Numbers::kPack;
    for (int channel = 0; channel < even_channels_; channel += lanes) {
      float* const to = sines + (static_cast<std::ptrdiff_t>(channel) * (kTrainedTile / Numbers::kPack)) +
                        static_cast<std::ptrdiff_t>(chunk) * row_units * lanes;
      for (int unit = 0; unit < row_units; unit += lanes) {
        transpose(scratch_.rows + channel * row_units + unit, row_units, to + unit * lanes);
      }
    }
  }

 private:
  const TrainedTileScratch& scratch_;
  int even_channels_;
};

/// What a first layer has of the map and of positions.
HWY_INLINE ChunkPair first_turns(const TrainedTile& tile, int channel, int pixel) {
  const Floats d;
  const TrainedTileLevel& level = *tile.level;
  ChunkPair turns;
  for (int k = 0; k < 2; ++k) {
    const int at = channel + k;
    const auto of_x = hn::Set(d, level.of_x[at]), of_y = hn::Set(d, level.of_y[at]);
    for (int side = 0; side < 2; ++side) {
      const std::size_t first =
          static_cast<std::size_t>(pixel) + static_cast<std::size_t>(side) * hn::Lanes(d);
      auto sum = hn::MulAdd(hn::Load(d, tile.y + first), of_y, hn::Set(d, level.biases[at]));
      sum = hn::MulAdd(hn::Load(d, tile.x + first), of_x, sum);
      if (tile.map != nullptr && at < level.channels) {
        const float* const own = tile.map + at * tile.map_stride + first;
        sum = hn::Add(sum, hn::Load(d, own));
        // The next chunk's lie in pages that no processor foresees.
        hwy::Prefetch(own + 2 * hn::Lanes(d));
      }
      turns.values[k][side] = sum;
    }
  }
  return turns;
}

template <class Numbers>
void evaluate(const TrainedTile& tile, const TrainedTileScratch& scratch) {
  using Forward = typename Numbers::Forward;
  const TrainedTileLevel& level = *tile.level;
  const int pixels = chunk_pixels();
  const auto units_of = [](int channels) { return padded(channels, Numbers::kPack) / Numbers::kPack; };
  for (int chunk = 0; chunk < chunks_of(tile); ++chunk) {
    float *from = scratch.operands[0], *to = scratch.operands[1];
    SineWriter<Numbers> first(scratch, level.channels);
    for (int channel = 0; channel < level.channels; channel += 2) {
      first.take(channel, chunk, first_turns(tile, channel, chunk * pixels), from, tile.cosines[0]);
    }
    first.finish(chunk, tile.sines[0]);
    for (int i = 0; i < level.count; ++i) {
      const TrainedMatrix& matrix = level.matrices[i];
      const auto value = [&](int output, const float* sum) {
        return Forward::value(sum, matrix.scales[output], matrix.biases[output]);
      };
      if (i + 1 == level.count) {
        multiply_chunk<Forward>(
            matrix.forward, units_of(matrix.inputs), from, matrix.outputs, value,
            [&](int output, const ChunkPair& pair) {
              float* const plane = tile.results + output * tile.result_stride + chunk * pixels;
              store_planes(pair.values, plane, tile.result_stride, output + 1 < matrix.outputs ? 2 : 1);
            });
        continue;
      }
      SineWriter<Numbers> writer(scratch, matrix.outputs);
      multiply_chunk<Forward>(matrix.forward, units_of(matrix.inputs), from, matrix.outputs, value,
                              [&](int output, const ChunkPair& pair) {
                                writer.take(output, chunk, pair, to, tile.cosines[i + 1]);
                              });
      writer.finish(chunk, tile.sines[i + 1]);
      std::swap(from, to);
    }
  }
}

/// Adds the products of rows of outputs' gradients with two vectors of inputs' sines.
template <class Numbers, class Rows>
HWY_INLINE void add_weight_gradient(const float* rows, const float* sines, int units, std::ptrdiff_t second,
                                    float* gradient, std::ptrdiff_t stride, Rows all) {
  const Floats d;
  constexpr int kUnits = kTrainedTile / Numbers::kPack;
  const auto lanes = static_cast<std::ptrdiff_t>(hn::Lanes(d));
  const std::ptrdiff_t beside = second == 0 ? 0 : lanes;
  const auto at = [&](std::size_t row, std::ptrdiff_t side) {
    return gradient + static_cast<std::ptrdiff_t>(row) * stride + (side == 0 ? 0 : beside);
  };
  add_products<typename Numbers::Backward>(
      {rows, 1, sines, second, lanes, units}, [](std::size_t row) { return row * kUnits; },
      [&](std::size_t row, int side) { return hn::Load(d, at(row, side)); },
      [&](std::size_t row, FloatVector left, FloatVector right) {
        // A last vector that is alone was multiplied twice, and the first of it counts.
        hn::Store(right, d, at(row, 1));
        hn::Store(left, d, at(row, 0));
      },
      all);
}

template <class Numbers>
void sum_weight_gradient(const TrainedMatrix& matrix, const float* rows, const float* sines, int units) {
  constexpr int kUnits = kTrainedTile / Numbers::kPack;
  const int lanes = static_cast<int>(hn::Lanes(Floats()));
  const int stride = padded(matrix.inputs, lanes);
  for (int input = 0; input < stride; input += 2 * lanes) {
    const float* const vectors = sines + static_cast<std::ptrdiff_t>(input) * kUnits;
    const std::ptrdiff_t second = input + lanes < stride ? static_cast<std::ptrdiff_t>(lanes) * kUnits : 0;
    int output = 0;
    const auto add = [&](auto sequence) {
      constexpr int kCount = static_cast<int>(decltype(sequence)::size());
      for (; output + kCount <= matrix.outputs; output += kCount) {
        add_weight_gradient<Numbers>(
            rows + static_cast<std::ptrdiff_t>(output) * kUnits, vectors, units, second,
            matrix.gradient + static_cast<std::ptrdiff_t>(output) * stride + input, stride, sequence);
      }
    };
    add(std::make_index_sequence<kRows>());
    add(std::make_index_sequence<kTrainedPanel>());
    add(std::make_index_sequence<1>());
  }
}

/// Adds values of two channels to the sums of each lane.
HWY_INLINE void add_to_sums(const FloatVector (&values)[2][2], float* sums) {
  const Floats d;
  for (int k = 0; k < 2; ++k) {
    float* const sum = sums + static_cast<std::size_t>(k) * hn::Lanes(d);
    hn::Store(hn::Add(hn::Load(d, sum), hn::Add(values[k][0], values[k][1])), d, sum);
  }
}

/// Keeps the gradient of two channels of a chunk for the products with it.
template <class Numbers>
HWY_INLINE void keep_gradient(const ChunkPair& pair, int channel, int chunk,
                              const TrainedTileScratch& scratch, float* operands, float* bias_gradient) {
  for (int k = 0; k < 2; ++k) {
    Numbers::store_row(pair.values[k], scratch.rows + (channel + k) * (kTrainedTile / Numbers::kPack) +
                                           chunk * (chunk_pixels() / Numbers::kPack));
  }
  Numbers::store_gradient(pair.values, operands, channel);
  add_to_sums(pair.values, bias_gradient + static_cast<std::size_t>(channel) * hn::Lanes(Floats()));
}

/// Adds to the gradient of a first layer, and leaves that of its sums to the map.
HWY_INLINE void finish_first(const TrainedTile& tile, const ChunkPair& pair, int channel, int pixel) {
  const Floats d;
  const TrainedTileLevel& level = *tile.level;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t sums = static_cast<std::size_t>(padded(level.channels, 2)) * lanes;
  float* const to = level.first_gradient + static_cast<std::size_t>(channel) * lanes;
  const auto times = [&](const float* positions) {
    const auto a = hn::Load(d, positions + pixel), b = hn::Load(d, positions + pixel + lanes);
    ChunkPair products;
    for (int k = 0; k < 2; ++k) {
      products.values[k][0] = hn::Mul(pair.values[k][0], a);
      products.values[k][1] = hn::Mul(pair.values[k][1], b);
    }
    return products;
  };
  add_to_sums(pair.values, to);
  add_to_sums(times(tile.x).values, to + sums);
  add_to_sums(times(tile.y).values, to + 2 * sums);
  if (tile.map == nullptr) return;
  float* const plane = tile.map + channel * tile.map_stride + pixel;
  for (std::size_t line = 0; line < 2; ++line) {
    hwy::Prefetch(plane + (2 + line) * lanes);
    hwy::Prefetch(plane + tile.map_stride + (2 + line) * lanes);
  }
  store_planes(pair.values, plane, tile.map_stride, channel + 1 < level.channels ? 2 : 1);
}

template <class Numbers>
void differentiate(const TrainedTile& tile, const TrainedTileScratch& scratch) {
  using Backward = typename Numbers::Backward;
  const TrainedTileLevel& level = *tile.level;
  const int pixels = chunk_pixels(), chunks = chunks_of(tile);
  const auto units_of = [](int channels) { return padded(channels, Numbers::kPack) / Numbers::kPack; };
  const auto value = [](int, const float* sum) { return hn::Load(Floats(), sum); };
  float *from = scratch.operands[0], *to = scratch.operands[1];
  const TrainedMatrix& last = level.matrices[level.count - 1];
  for (int chunk = 0; chunk < chunks; ++chunk) {
    float* const operands = from + static_cast<std::ptrdiff_t>(chunk) * pixels * units_of(last.outputs);
    for (int output = 0; output < last.outputs; output += 2) {
      ChunkPair pair;
      load_planes(tile.results + output * tile.result_stride + chunk * pixels, tile.result_stride,
                  output + 1 < last.outputs, pair.values);
      keep_gradient<Numbers>(pair, output, chunk, scratch, operands, last.bias_gradient);
    }
  }
  for (int i = level.count - 1; i >= 0; --i) {
    const TrainedMatrix& matrix = level.matrices[i];
    sum_weight_gradient<Numbers>(matrix, scratch.rows, tile.sines[i], chunks * pixels / Numbers::kPack);
    for (int chunk = 0; chunk < chunks; ++chunk) {
      const float* const operands =
          from + static_cast<std::ptrdiff_t>(chunk) * pixels * units_of(matrix.outputs);
      float* const next = to + static_cast<std::ptrdiff_t>(chunk) * pixels * units_of(matrix.inputs);
      multiply_chunk<Backward>(
          matrix.backward, units_of(matrix.outputs), operands, matrix.inputs, value,
          [&](int channel, ChunkPair pair) {
            for (int k = 0; k < 2; ++k) {
              const float* const cosines = tile.cosines[i] + (channel + k) * (kTrainedTile / Numbers::kPack) +
                                           chunk * (pixels / Numbers::kPack);
              for (int side = 0; side < 2; ++side) {
                pair.values[k][side] = hn::Mul(pair.values[k][side], Numbers::load_row(cosines, side));
              }
            }
            if (i == 0) {
              finish_first(tile, pair, channel, chunk * pixels);
            } else {
              keep_gradient<Numbers>(pair, channel, chunk, scratch, next,
                                     level.matrices[i - 1].bias_gradient);
            }
          });
    }
    std::swap(from, to);
  }
}

void EvaluateTile([[maybe_unused]] SirenNumbers numbers, const TrainedTile& tile,
                  const TrainedTileScratch& scratch) {
#if THA4_SIREN_PAIRS
  if (numbers == SirenNumbers::pairs) return evaluate<PairNumbers>(tile, scratch);
#endif
  evaluate<SingleNumbers>(tile, scratch);
}

void DifferentiateTile([[maybe_unused]] SirenNumbers numbers, const TrainedTile& tile,
                       const TrainedTileScratch& scratch) {
#if THA4_SIREN_PAIRS
  if (numbers == SirenNumbers::pairs) return differentiate<PairNumbers>(tile, scratch);
#endif
  differentiate<SingleNumbers>(tile, scratch);
}

bool MayHavePairs() {
  return THA4_SIREN_PAIRS == 1;
}

int Lanes() {
  return static_cast<int>(hn::Lanes(Floats()));
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
#if THA4_SIREN_PAIRS
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(EvaluateTile);
HWY_EXPORT(DifferentiateTile);
HWY_EXPORT(MayHavePairs);
HWY_EXPORT(Lanes);

void evaluate_tile(SirenNumbers numbers, const TrainedTile& tile, const TrainedTileScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(EvaluateTile)(numbers, tile, scratch);
}

void differentiate_tile(SirenNumbers numbers, const TrainedTile& tile, const TrainedTileScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(DifferentiateTile)(numbers, tile, scratch);
}

bool can_multiply(SirenNumbers numbers) {
  if (numbers == SirenNumbers::singles) return true;
#if HWY_ARCH_X86 && (HWY_COMPILER_GCC || HWY_COMPILER_CLANG)
  return HWY_DYNAMIC_DISPATCH(MayHavePairs)() && __builtin_cpu_supports("avx512bf16") &&
         __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}

int trained_lanes() {
  return HWY_DYNAMIC_DISPATCH(Lanes)();
}

}  // namespace tha4

#endif
