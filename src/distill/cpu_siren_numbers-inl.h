// Included once for each instruction set.
#if defined(THA4_DISTILL_CPU_SIREN_NUMBERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef THA4_DISTILL_CPU_SIREN_NUMBERS_INL_H_
#undef THA4_DISTILL_CPU_SIREN_NUMBERS_INL_H_
#else
#define THA4_DISTILL_CPU_SIREN_NUMBERS_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include "cpu_siren_kernels.h"
#include <hwy/highway.h>

// Whether processors of this instruction set may multiply pairs of 16 bits: those alone that do are asked to
// (can_multiply()).
#undef THA4_SIREN_PAIRS
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
#define THA4_SIREN_PAIRS 1
#else
#define THA4_SIREN_PAIRS 0
#endif

HWY_BEFORE_NAMESPACE();
#if THA4_SIREN_PAIRS
HWY_PUSH_ATTRIBUTES("avx512bf16,avx512vnni")
#endif
namespace tha4::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, kMaxTrainedLanes>;
using FloatVector = hn::Vec<Floats>;

/// Writes \p count channels of a chunk.
HWY_INLINE void store_planes(const FloatVector (&values)[2][2], float* plane, std::ptrdiff_t stride,
                             int count) {
  const Floats d;
  for (int k = 0; k < count; ++k) {
    for (std::size_t side = 0; side < 2; ++side) {
      hn::Store(values[k][side], d, plane + k * stride + side * hn::Lanes(d));
    }
  }
}

HWY_INLINE void load_planes(const float* plane, std::ptrdiff_t stride, bool has_second,
                            FloatVector (&values)[2][2]) {
  const Floats d;
  for (std::size_t side = 0; side < 2; ++side) {
    const std::size_t at = side * hn::Lanes(d);
    values[0][side] = hn::Load(d, plane + at);
    values[1][side] = has_second ? hn::Load(d, plane + stride + at) : hn::Zero(d);
  }
}

/// Products of float32.
struct SingleProducts {
  using Sum = FloatVector;
  static HWY_INLINE FloatVector load(const float* units) { return hn::Load(Floats(), units); }
  static HWY_INLINE FloatVector repeat(const float* unit) { return hn::Set(Floats(), *unit); }
  static HWY_INLINE Sum zero() { return hn::Zero(Floats()); }
  static HWY_INLINE Sum add(Sum sum, FloatVector a, FloatVector b) { return hn::MulAdd(a, b, sum); }
  static HWY_INLINE void store(Sum sum, float* to) { hn::Store(sum, Floats(), to); }
  static HWY_INLINE FloatVector value(const float* sum, float, float bias) {
    return hn::Add(hn::Load(Floats(), sum), hn::Set(Floats(), bias));
  }
};

struct SingleNumbers {
  static constexpr int kPack = 1;
  static constexpr bool kRoughCosine = false;
  using Forward = SingleProducts;
  using Backward = SingleProducts;

  /// A channel's values of a chunk.
  static HWY_INLINE void store_row(const FloatVector (&values)[2], float* row) {
    hn::Store(values[0], Floats(), row);
    hn::Store(values[1], Floats(), row + hn::Lanes(Floats()));
  }
  static HWY_INLINE FloatVector load_row(const float* row, int side) {
    return hn::Load(Floats(), row + static_cast<std::size_t>(side) * hn::Lanes(Floats()));
  }
  /// Two channels' values of a chunk, as a layer's operands.
  static HWY_INLINE void store_sines(const FloatVector (&values)[2][2], float* operands, int channel) {
    const std::size_t step = 2 * hn::Lanes(Floats());
    float* const to = operands + static_cast<std::size_t>(channel) * step;
    store_row(values[0], to);
    store_row(values[1], to + step);
  }
  static HWY_INLINE void store_gradient(const FloatVector (&values)[2][2], float* operands, int channel) {
    store_sines(values, operands, channel);
  }
};

#if THA4_SIREN_PAIRS

/// Products of fixed-point numbers. Where the sum is of turns, 32 bits are a whole number of them: what
/// overflows them is just what the next sine does not see.
struct FixedPointProducts {
  using Sum = __m512i;
  static HWY_INLINE __m512i load(const float* units) { return _mm512_load_si512(units); }
  static HWY_INLINE __m512i repeat(const float* unit) {
    return _mm512_set1_epi32(*reinterpret_cast<const std::int32_t*>(unit));
  }
  static HWY_INLINE Sum zero() { return _mm512_setzero_si512(); }
  static HWY_INLINE Sum add(Sum sum, __m512i a, __m512i b) { return _mm512_dpwssd_epi32(sum, a, b); }
  static HWY_INLINE void store(Sum sum, float* to) { _mm512_store_si512(to, sum); }
  static HWY_INLINE FloatVector value(const float* sum, float scale, float bias) {
    return FloatVector{_mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_load_si512(sum)), _mm512_set1_ps(scale),
                                       _mm512_set1_ps(bias))};
  }
};

struct Bf16Products {
  using Sum = FloatVector;
  static HWY_INLINE __m512i load(const float* units) { return _mm512_load_si512(units); }
  static HWY_INLINE __m512i repeat(const float* unit) {
    return _mm512_set1_epi32(*reinterpret_cast<const std::int32_t*>(unit));
  }
  static HWY_INLINE Sum zero() { return hn::Zero(Floats()); }
  static HWY_INLINE void store(Sum sum, float* to) { hn::Store(sum, Floats(), to); }
  static HWY_INLINE Sum add(Sum sum, __m512i a, __m512i b) {
    return Sum{_mm512_dpbf16_ps(sum.raw, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b))};
  }
};

struct PairNumbers {
  static constexpr int kPack = 2;
  static constexpr bool kRoughCosine = true;
  using Forward = FixedPointProducts;
  using Backward = Bf16Products;

  /// The bf16 of two vectors, one after the other.
  static HWY_INLINE __m512i rounded(FloatVector first, FloatVector second) {
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second.raw, first.raw));
  }
  static HWY_INLINE void store_row(const FloatVector (&values)[2], float* row) {
    _mm512_store_si512(row, rounded(values[0], values[1]));
  }
  static HWY_INLINE FloatVector load_row(const float* row, int side) {
    const __m256i halves = _mm256_load_si256(reinterpret_cast<const __m256i*>(row) + side);
    return FloatVector{_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16))};
  }
  static HWY_INLINE void store_sines(const FloatVector (&values)[2][2], float* operands, int channel) {
    const __m512 one = _mm512_set1_ps(static_cast<float>(kTrainedOne));
    float* const to = operands + channel * kMaxTrainedLanes;
    for (int side = 0; side < 2; ++side) {
      const __m512i even = _mm512_cvtps_epi32(_mm512_mul_ps(values[0][side].raw, one));
      const __m512i odd = _mm512_cvtps_epi32(_mm512_mul_ps(values[1][side].raw, one));
      _mm512_store_si512(to + side * kMaxTrainedLanes,
                         _mm512_mask_blend_epi16(0xaaaaaaaa, even, _mm512_slli_epi32(odd, 16)));
    }
  }
  static HWY_INLINE void store_gradient(const FloatVector (&values)[2][2], float* operands, int channel) {
    const __m512i even = rounded(values[0][0], values[0][1]), odd = rounded(values[1][0], values[1][1]);
    // Numbers of both channels by turns, from the first half of each, then from the second.
    const __m512i first = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39,
                                           7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i second = _mm512_or_si512(first, _mm512_set1_epi16(16));
    float* const to = operands + channel * kMaxTrainedLanes;
    _mm512_store_si512(to, _mm512_permutex2var_epi16(even, first, odd));
    _mm512_store_si512(to + kMaxTrainedLanes, _mm512_permutex2var_epi16(even, second, odd));
  }
};

#endif  // THA4_SIREN_PAIRS

/// Writes the columns of as many rows as a vector has lanes, of as many units.
HWY_INLINE void transpose(const float* rows, std::ptrdiff_t stride, float* columns) {
#if THA4_SIREN_PAIRS
  constexpr int kLanes = 16;
  __m512 a[kLanes], b[kLanes];
  HWY_UNROLL(16)
  for (int i = 0; i < kLanes; ++i) a[i] = _mm512_load_ps(rows + i * stride);
  HWY_UNROLL(8)
  for (int i = 0; i < kLanes; i += 2) {
    b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
  }
  const auto halves = [](__m512 low, __m512 high, bool is_high) {
    const __m512d p = _mm512_castps_pd(low), q = _mm512_castps_pd(high);
    return _mm512_castpd_ps(is_high ? _mm512_unpackhi_pd(p, q) : _mm512_unpacklo_pd(p, q));
  };
  HWY_UNROLL(4)
  for (int i = 0; i < kLanes; i += 4) {  // columns 0 to 3 of each block of four
    a[i] = halves(b[i], b[i + 2], false);
    a[i + 1] = halves(b[i], b[i + 2], true);
    a[i + 2] = halves(b[i + 1], b[i + 3], false);
    a[i + 3] = halves(b[i + 1], b[i + 3], true);
  }
  HWY_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    const __m512 first_even = _mm512_shuffle_f32x4(a[i], a[4 + i], 0x88);
    const __m512 first_odd = _mm512_shuffle_f32x4(a[i], a[4 + i], 0xdd);
    const __m512 second_even = _mm512_shuffle_f32x4(a[8 + i], a[12 + i], 0x88);
    const __m512 second_odd = _mm512_shuffle_f32x4(a[8 + i], a[12 + i], 0xdd);
    _mm512_store_ps(columns + (0 + i) * kLanes, _mm512_shuffle_f32x4(first_even, second_even, 0x88));
    _mm512_store_ps(columns + (4 + i) * kLanes, _mm512_shuffle_f32x4(first_odd, second_odd, 0x88));
    _mm512_store_ps(columns + (8 + i) * kLanes, _mm512_shuffle_f32x4(first_even, second_even, 0xdd));
    _mm512_store_ps(columns + (12 + i) * kLanes, _mm512_shuffle_f32x4(first_odd, second_odd, 0xdd));
  }
#elif HWY_TARGET == HWY_AVX2
  constexpr int kLanes = 8, kHalf = 4;
  const Floats d;
  const hn::Repartition<double, Floats> of_pairs;
  const hn::Half<Floats> of_halves;
  for (int half = 0; half < kLanes; half += kHalf) {
    // Half a row beside that of the row four below it: what is left is transposed within halves.
    const auto load = [&](int i) HWY_ATTR {
      const float* const row = rows + i * stride + half;
      return hn::Combine(d, hn::Load(of_halves, row + kHalf * stride), hn::Load(of_halves, row));
    };
    const auto a = load(0), b = load(1), c = load(2), e = load(3);
    const auto even = hn::BitCast(of_pairs, hn::InterleaveLower(d, a, b));
    const auto odd = hn::BitCast(of_pairs, hn::InterleaveLower(d, c, e));
    const auto even_upper = hn::BitCast(of_pairs, hn::InterleaveUpper(d, a, b));
    const auto odd_upper = hn::BitCast(of_pairs, hn::InterleaveUpper(d, c, e));
    float* const to = columns + half * kLanes;
    hn::Store(hn::BitCast(d, hn::InterleaveLower(of_pairs, even, odd)), d, to);
    hn::Store(hn::BitCast(d, hn::InterleaveUpper(of_pairs, even, odd)), d, to + kLanes);
    hn::Store(hn::BitCast(d, hn::InterleaveLower(of_pairs, even_upper, odd_upper)), d, to + 2 * kLanes);
    hn::Store(hn::BitCast(d, hn::InterleaveUpper(of_pairs, even_upper, odd_upper)), d, to + 3 * kLanes);
  }
#else
  const auto lanes = static_cast<std::ptrdiff_t>(hn::Lanes(Floats()));
  for (std::ptrdiff_t i = 0; i < lanes; ++i) {
    for (std::ptrdiff_t k = 0; k < lanes; ++k) columns[k * lanes + i] = rows[i * stride + k];
  }
#endif
}

}  // namespace tha4::HWY_NAMESPACE
#if THA4_SIREN_PAIRS
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#endif
