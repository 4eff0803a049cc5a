// Included once for each instruction set.
#if defined(THA4_ENGINE_WINOGRAD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef THA4_ENGINE_WINOGRAD_INL_H_
#undef THA4_ENGINE_WINOGRAD_INL_H_
#else
#define THA4_ENGINE_WINOGRAD_INL_H_
#endif

#include <cstddef>

#include "map_values-inl.h"
#include <hwy/highway.h>

// What Winograd's convolutions make of their inputs before the products, and of the products.

HWY_BEFORE_NAMESPACE();
#if THA4_BF16_PRODUCTS
HWY_PUSH_ATTRIBUTES("avx512bf16")
#endif
namespace tha4::HWY_NAMESPACE {

/// Sums of what an axis has at a tile, each to be multiplied.
HWY_INLINE void transform_axis(const FloatVector (&in)[4], FloatVector (&out)[4]) {
  out[0] = hn::Sub(in[0], in[2]);
  out[1] = hn::Add(in[1], in[2]);
  out[2] = hn::Sub(in[2], in[1]);
  out[3] = hn::Sub(in[1], in[3]);
}

/// The same of three pixels of which the one in the middle counts as two.
HWY_INLINE void transform_axis(const FloatVector (&in)[3], FloatVector (&out)[3]) {
  out[0] = hn::Sub(in[0], in[1]);
  out[1] = hn::Add(in[1], in[1]);
  out[2] = hn::Sub(in[1], in[2]);
}

/// kSize x kSize pixels from \p corner on.
template <int kSize, class Value>
HWY_INLINE void transform_inputs(const Value* corner, std::ptrdiff_t row_step, std::ptrdiff_t pixel_step,
                                 Value* to, std::size_t to_step) {
  FloatVector half[kSize][kSize];  // [column][sum of rows]
  HWY_UNROLL(4)
  for (int column = 0; column < kSize; ++column) {
    FloatVector pixels[kSize];
    HWY_UNROLL(4)
    for (int row = 0; row < kSize; ++row) {
      pixels[row] = load_values(corner + row * row_step + column * pixel_step);
    }
    transform_axis(pixels, half[column]);
  }
  HWY_UNROLL(4)
  for (int row = 0; row < kSize; ++row) {
    FloatVector columns[kSize], sums[kSize];
    HWY_UNROLL(4)
    for (int column = 0; column < kSize; ++column) columns[column] = half[column][row];
    transform_axis(columns, sums);
    HWY_UNROLL(4)
    for (int column = 0; column < kSize; ++column) {
      store_values(sums[column], to + static_cast<std::size_t>(row * kSize + column) * to_step);
    }
  }
}

/// Two pixels of an axis from its products.
HWY_INLINE void untransform_axis(const FloatVector (&in)[4], FloatVector (&out)[2]) {
  out[0] = hn::Add(hn::Add(in[0], in[1]), in[2]);
  out[1] = hn::Sub(hn::Sub(in[1], in[2]), in[3]);
}

HWY_INLINE void untransform_axis(const FloatVector (&in)[3], FloatVector (&out)[2]) {
  out[0] = hn::Add(in[0], in[1]);
  out[1] = hn::Sub(in[1], in[2]);
}

template <int kSize>
HWY_INLINE void untransform(const float* products, std::size_t step, FloatVector (&pixels)[2][2]) {
  const Floats d;
  FloatVector half[2][kSize];  // [row of the result][column of the products]
  HWY_UNROLL(4)
  for (int column = 0; column < kSize; ++column) {
    FloatVector in[kSize], out[2];
    HWY_UNROLL(4)
    for (int row = 0; row < kSize; ++row) {
      in[row] = hn::Load(d, products + static_cast<std::size_t>(row * kSize + column) * step);
    }
    untransform_axis(in, out);
    half[0][column] = out[0];
    half[1][column] = out[1];
  }
  untransform_axis(half[0], pixels[0]);
  untransform_axis(half[1], pixels[1]);
}

}  // namespace tha4::HWY_NAMESPACE
#if THA4_BF16_PRODUCTS
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#endif
