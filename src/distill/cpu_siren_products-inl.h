// Included once for each instruction set.
#if defined(THA4_DISTILL_CPU_SIREN_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef THA4_DISTILL_CPU_SIREN_PRODUCTS_INL_H_
#undef THA4_DISTILL_CPU_SIREN_PRODUCTS_INL_H_
#else
#define THA4_DISTILL_CPU_SIREN_PRODUCTS_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cpu_siren_numbers-inl.h"

HWY_BEFORE_NAMESPACE();
#if THA4_SIREN_PAIRS
HWY_PUSH_ATTRIBUTES("avx512bf16,avx512vnni")
#endif
namespace tha4::HWY_NAMESPACE {

// With 32 registers, twelve outputs' sums of two vectors fit; with 16, six.
constexpr int kPanels = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64 ? 2 : 1;
constexpr int kRows = kPanels * kTrainedPanel;

/// Two factors of products over `count` units: rows, of which each unit meets two vectors.
struct Factors {
  const float* rows;
  std::ptrdiff_t row_step;  ///< from a unit to the next
  const float* vectors;
  std::ptrdiff_t second_vector;
  std::ptrdiff_t vector_step;
  int count;
};

/// Adds the products of rows, whose units lie at place(row), to begin(row, side), and calls end(row, left,
/// right); the numbers are unrolled by hand, as it were, for the sums to stay in registers.
template <class Kind, class Place, class Begin, class End, std::size_t... i>
HWY_INLINE void add_products(const Factors& factors, Place place, Begin begin, End end,
                             std::index_sequence<i...>) {
  typename Kind::Sum left[sizeof...(i)], right[sizeof...(i)];
  ((left[i] = begin(i, 0), right[i] = begin(i, 1)), ...);
  const float *rows = factors.rows, *vectors = factors.vectors;
  for (int k = 0; k < factors.count; ++k) {
    const auto first = Kind::load(vectors), second = Kind::load(vectors + factors.second_vector);
    auto unit = first;
    ((unit = Kind::repeat(rows + place(i)), left[i] = Kind::add(left[i], unit, first),
      right[i] = Kind::add(right[i], unit, second)),
     ...);
    rows += factors.row_step;
    vectors += factors.vector_step;
  }
  (end(i, left[i], right[i]), ...);
}

/// Two channels' values in a chunk.
struct ChunkPair {
  HWY_INLINE ChunkPair() {}  // the compiler's own one would not be of this instruction set on ARM

  FloatVector values[2][2];  ///< [channel][vector]
};

/// Writes the sums of rows of weights with a chunk's operands, [row][vector]. A function of its own, since
/// GCC keeps sums in registers only where little happens to them.
template <class Kind, std::size_t... i>
HWY_NOINLINE void sum_panels(const float* weights, int units, const float* operands, float* sums,
                             std::index_sequence<i...> rows) {
  const auto lanes = static_cast<std::ptrdiff_t>(hn::Lanes(Floats()));
  const std::size_t next = static_cast<std::size_t>(units) * kTrainedPanel;
  add_products<Kind>(
      {weights, kTrainedPanel, operands, lanes, 2 * lanes, units},
      [next](std::size_t row) { return row / kTrainedPanel * next + row % kTrainedPanel; },
      [](std::size_t, int) { return Kind::zero(); },
      [&](std::size_t row, typename Kind::Sum left, typename Kind::Sum right) {
        float* const to = sums + 2 * static_cast<std::ptrdiff_t>(row) * lanes;
        Kind::store(left, to);
        Kind::store(right, to + lanes);
      },
      rows);
}

/// Calls take(output, ChunkPair) for all even outputs.
/// \param value  makes floats of an output's sum in memory
template <class Kind, class Value, class Take>
HWY_INLINE void multiply_chunk(const float* weights, int units, const float* operands, int outputs,
                               Value value, Take take) {
  const int lanes = static_cast<int>(hn::Lanes(Floats()));
  HWY_ALIGN float sums[2 * kRows * kMaxTrainedLanes];
  for (int first = 0; first < outputs; first += kRows) {
    const float* const panels = weights + static_cast<std::ptrdiff_t>(first) * units;
    if (first + kRows - kTrainedPanel < outputs) {
      sum_panels<Kind>(panels, units, operands, sums, std::make_index_sequence<kRows>());
    } else {
      sum_panels<Kind>(panels, units, operands, sums, std::make_index_sequence<kTrainedPanel>());
    }
    const int end = std::min(outputs, first + kRows);
    for (int output = first; output < end; output += 2) {
      const float* const from = sums + 2 * (output - first) * lanes;
      ChunkPair pair;
      for (int k = 0; k < 2; ++k) {
        pair.values[k][0] = value(output + k, from + 2 * k * lanes);
        pair.values[k][1] = value(output + k, from + (2 * k + 1) * lanes);
      }
      take(output, pair);
    }
  }
}

/// Sine and cosine of 2πx, each to 1e-6, or the cosine to 1e-4 where that does.
template <bool kRoughCosine>
HWY_INLINE void sine_and_cosine(FloatVector turns, FloatVector& sine, FloatVector& cosine) {
  const Floats d;
  const auto quarter = hn::Set(d, 0.25F);
  const auto rest = hn::Sub(turns, hn::Round(turns));
  // An odd polynomial gives the sine within a quarter of a turn.
  const auto of_cosine = hn::Sub(quarter, hn::Abs(rest));
  const auto of_sine = hn::Sub(quarter, hn::Abs(of_cosine));
  const auto polynomial = [&](FloatVector t) {
    const auto square = hn::Mul(t, t);
    auto sum = hn::MulAdd(square, hn::Set(d, -70.9934259F), hn::Set(d, 81.3407682F));
    sum = hn::MulAdd(sum, square, hn::Set(d, -41.3371424F));
    return hn::Mul(hn::MulAdd(sum, square, hn::Set(d, 6.28316404F)), t);
  };
  sine = hn::CopySign(polynomial(of_sine), rest);
  if (kRoughCosine) {
    const auto square = hn::Mul(of_cosine, of_cosine);
    const auto sum = hn::MulAdd(square, hn::Set(d, 73.5855013F), hn::Set(d, -41.0952418F));
    cosine = hn::Mul(hn::MulAdd(sum, square, hn::Set(d, 6.28128007F)), of_cosine);
  } else {
    cosine = polynomial(of_cosine);
  }
}

}  // namespace tha4::HWY_NAMESPACE
#if THA4_SIREN_PAIRS
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#endif
