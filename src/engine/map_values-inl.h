// Included once for each instruction set.
#if defined(THA4_ENGINE_MAP_VALUES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef THA4_ENGINE_MAP_VALUES_INL_H_
#undef THA4_ENGINE_MAP_VALUES_INL_H_
#else
#define THA4_ENGINE_MAP_VALUES_INL_H_
#endif

#include <cstdint>

#include <hwy/highway.h>

// Whether processors of this instruction set may multiply pairs of bf16: kernels for that type are then used
// on those alone that do (has_bf16_products()).
#undef THA4_BF16_PRODUCTS
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
#define THA4_BF16_PRODUCTS 1
#else
#define THA4_BF16_PRODUCTS 0
#endif

HWY_BEFORE_NAMESPACE();
#if THA4_BF16_PRODUCTS
HWY_PUSH_ATTRIBUTES("avx512bf16")
#endif
namespace tha4::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, 16>;
using FloatVector = hn::Vec<Floats>;

/// Values of a map as they lie in memory.
using Bf16 = std::uint16_t;

HWY_INLINE FloatVector load_values(const float* values) {
  return hn::LoadU(Floats(), values);
}

HWY_INLINE FloatVector load_values(const Bf16* values) {
  const hn::Rebind<std::uint32_t, Floats> bits;
  const hn::Rebind<Bf16, Floats> halves;
  return hn::BitCast(Floats(), hn::ShiftLeft<16>(hn::PromoteTo(bits, hn::LoadU(halves, values))));
}

HWY_INLINE void store_values(FloatVector vector, float* values) {
  hn::StoreU(vector, Floats(), values);
}

HWY_INLINE void store_values(FloatVector vector, Bf16* values) {
#if THA4_BF16_PRODUCTS
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(values),
                      reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(vector.raw)));
#else
  const hn::Rebind<std::uint32_t, Floats> d;
  const auto bits = hn::BitCast(d, vector);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1));
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(d, 0x7fff))));
  hn::StoreU(hn::TruncateTo(hn::Rebind<Bf16, Floats>(), rounded), hn::Rebind<Bf16, Floats>(), values);
#endif
}

/// Products of matrices go over this many inputs at a time, which lie beside each other.
template <class Value>
inline constexpr int kInputsOfProduct = sizeof(float) / sizeof(Value);

/// sum + products of one pixel's inputs with those of a vector of outputs.
HWY_INLINE FloatVector add_products(FloatVector sum, const float* input, FloatVector weights) {
  return hn::MulAdd(hn::Set(Floats(), *input), weights, sum);
}

HWY_INLINE FloatVector load_weights(const float* weights) {
  return hn::Load(Floats(), weights);
}

using Pairs = hn::Rebind<std::uint32_t, Floats>;
using PairVector = hn::Vec<Pairs>;

HWY_INLINE PairVector load_weights(const Bf16* weights) {
  return hn::Load(Pairs(), reinterpret_cast<const std::uint32_t*>(weights));
}

HWY_INLINE FloatVector add_products(FloatVector sum, const Bf16* input, PairVector weights) {
  const Pairs d;
  const auto pair = hn::Set(d, *reinterpret_cast<const std::uint32_t*>(input));
#if THA4_BF16_PRODUCTS
  return FloatVector{_mm512_dpbf16_ps(sum.raw, reinterpret_cast<__m512bh>(pair.raw),
                                      reinterpret_cast<__m512bh>(weights.raw))};
#else
  const auto first = [](PairVector v) { return hn::BitCast(Floats(), hn::ShiftLeft<16>(v)); };
  const auto second = [](PairVector v) {
    return hn::BitCast(Floats(), hn::And(v, hn::Set(Pairs(), 0xffff0000U)));
  };
  return hn::MulAdd(first(pair), first(weights), hn::MulAdd(second(pair), second(weights), sum));
#endif
}

/// x / (1 + exp(-x)), to 1e-6 of x.
HWY_INLINE FloatVector silu(FloatVector x) {
  const Floats d;
  const hn::Rebind<std::int32_t, Floats> integers;
  // exp(-x) as 2^whole * 2^rest; within what float32 can hold.
  const auto power = hn::Min(hn::Mul(x, hn::Set(d, -1.44269504F)), hn::Set(d, 126.0F));
  const auto bounded = hn::Max(power, hn::Set(d, -126.0F));
  const auto whole = hn::Round(bounded);
  const auto rest = hn::Sub(bounded, whole);
  auto sum = hn::Set(d, 1.3333558e-3F);
  sum = hn::MulAdd(sum, rest, hn::Set(d, 9.6181291e-3F));
  sum = hn::MulAdd(sum, rest, hn::Set(d, 5.5504109e-2F));
  sum = hn::MulAdd(sum, rest, hn::Set(d, 2.4022651e-1F));
  sum = hn::MulAdd(sum, rest, hn::Set(d, 6.9314718e-1F));
  sum = hn::MulAdd(sum, rest, hn::Set(d, 1.0F));
  const auto exponent = hn::ShiftLeft<23>(hn::ConvertTo(integers, whole));
  const auto exp = hn::BitCast(d, hn::Add(hn::BitCast(integers, sum), exponent));
  const auto divisor = hn::Add(exp, hn::Set(d, 1.0F));
  auto inverse = hn::ApproximateReciprocal(divisor);
  inverse = hn::Mul(inverse, hn::NegMulAdd(divisor, inverse, hn::Set(d, 2.0F)));
  return hn::Mul(x, inverse);
}

}  // namespace tha4::HWY_NAMESPACE
#if THA4_BF16_PRODUCTS
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#endif
