// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "blend_sum_kernels.cpp"
#include "blend_kernels.h"

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
#include "map_sampling-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {
namespace {

using Floats = hn::ScalableTag<float>;
using Ints = hn::ScalableTag<std::int32_t>;
using Shorts = hn::ScalableTag<std::int16_t>;
using HalfShorts = hn::Rebind<std::int16_t, Floats>;
using Bytes = hn::Rebind<std::int8_t, Shorts>;
using FloatVector = hn::Vec<Floats>;
using IntVector = hn::Vec<Ints>;

/// kBlendOutputs of a layer; inputs are summed up in kBlendInputs parts, which do not wait for each other.
HWY_INLINE void multiply_panel(const BlendLayer& layer, int first, const float* values, float* results) {
  const Floats d;
  const HalfShorts shorts;
  const std::size_t lanes = hn::Lanes(d);
  const std::int16_t* const panel = layer.weights.data() + static_cast<std::ptrdiff_t>(first) * layer.inputs;
  for (std::size_t output = 0; output < kBlendOutputs; output += lanes) {
    FloatVector sums[kBlendInputs] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    for (int input = 0; input < layer.inputs; input += kBlendInputs) {
      const std::int16_t* const weights = panel + input * kBlendOutputs + output;
      for (int i = 0; i < kBlendInputs; ++i) {
        const auto weight =
            hn::ConvertTo(d, hn::PromoteTo(Ints(), hn::LoadU(shorts, weights + i * kBlendOutputs)));
        sums[i] = hn::MulAdd(weight, hn::Set(d, values[input + i]), sums[i]);
      }
    }
    const auto sum = hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
    const std::size_t place = static_cast<std::size_t>(first) + output;
    const auto scale = hn::LoadU(d, layer.scales.data() + place);
    hn::StoreU(hn::MulAdd(sum, scale, hn::LoadU(d, layer.biases.data() + place)), d, results + place);
  }
}

void DrawLayer(const BlendLayer& layer, const float* values, float* results) {
  for (int output = 0; output < layer.outputs; output += kBlendOutputs)
    multiply_panel(layer, output, values, results);
}

/// x / (1 + exp(-x))
HWY_INLINE void apply_silu(float* values, int count) {
  constexpr float kMaxExponent = 80;
  const Floats d;
  for (int i = 0; i < count; i += static_cast<int>(hn::Lanes(d))) {
    const auto x = hn::LoadU(d, values + i);
    const auto exponent = hn::Min(hn::Neg(x), hn::Set(d, kMaxExponent));
    hn::StoreU(hn::Div(x, hn::Add(hn::Set(d, 1.0F), hn::Exp(d, exponent))), d, values + i);
  }
}

void DrawHiddenLayers(const BlendHiddenLayers& layers, const float* pose, float* values) {
  const int width = layers.width();
  std::fill_n(values, width, 0.0F);
  for (std::size_t i = 0; i < layers.input_scale.size(); ++i) values[i] = pose[i] * layers.input_scale[i];
  for (const BlendLayer& layer : layers.layers) {
    float* const results = values + width;
    DrawLayer(layer, values, results);
    apply_silu(results, layer.outputs);
    std::copy_n(results, layer.outputs, values);
  }
}

#if HWY_TARGET == HWY_SCALAR

/// A chunk of the sums of integers, times \p step, plus the mean.
void sum_chunk(const BlendBasis& basis, std::span<const WeightedPair> pairs, float step, int chunk,
               float* to) {
  for (int value = 0; value < kBlendChunk; ++value) {
    std::int32_t sum = 0;
    for (const WeightedPair& pair : pairs) {
      const std::int8_t* const two = basis.chunk(chunk) + (pair.pair * kBlendChunk + value) * 2;
      sum += two[0] * static_cast<std::int16_t>(pair.weights & 0xffff) + two[1] * (pair.weights >> 16);
    }
    to[value] =
        static_cast<float>(sum) * step + basis.mean[static_cast<std::size_t>(chunk * kBlendChunk + value)];
  }
}

#else

/// A chunk of the sums of integers, times \p step, plus the mean. \p vectors is known at compile time, for
/// the sums to stay in registers.
template <class Count>
HWY_INLINE void sum_chunk(const BlendBasis& basis, std::span<const WeightedPair> pairs, float step, int chunk,
                          Count vectors, float* to) {
  const Floats floats;
  const Ints ints;
  const Shorts shorts;
  const Bytes bytes;
  const std::size_t lanes = hn::Lanes(ints);
  constexpr std::size_t kMaxVectors = kBlendChunk / 4;  // of 128 bits
  IntVector sums[kMaxVectors];
  for (std::size_t i = 0; i < vectors; ++i) sums[i] = hn::Zero(ints);
  const std::int8_t* const integers = basis.chunk(chunk);
  for (const WeightedPair& pair : pairs) {
    const std::int8_t* const row = integers + static_cast<std::ptrdiff_t>(pair.pair) * kBlendChunk * 2;
    const auto weights = hn::BitCast(shorts, hn::Set(ints, pair.weights));
    for (std::size_t i = 0; i < vectors; ++i) {
      const auto values = hn::PromoteTo(shorts, hn::LoadU(bytes, row + i * 2 * lanes));
      sums[i] = add_pair_products(weights, values, sums[i]);
    }
  }
  const float* const mean = basis.mean.data() + static_cast<std::ptrdiff_t>(chunk) * kBlendChunk;
  const auto scale = hn::Set(floats, step);
  for (std::size_t i = 0; i < vectors; ++i) {
    const auto result =
        hn::MulAdd(hn::ConvertTo(floats, sums[i]), scale, hn::LoadU(floats, mean + i * lanes));
    hn::StoreU(result, floats, to + i * lanes);
  }
}

HWY_INLINE void sum_chunk(const BlendBasis& basis, std::span<const WeightedPair> pairs, float step, int chunk,
                          float* to) {
  const std::size_t vectors = kBlendChunk / hn::Lanes(Ints());
  if (vectors == 4) {
    sum_chunk(basis, pairs, step, chunk, std::integral_constant<std::size_t, 4>(), to);
  } else if (vectors == 8) {
    sum_chunk(basis, pairs, step, chunk, std::integral_constant<std::size_t, 8>(), to);
  } else {
    sum_chunk(basis, pairs, step, chunk, vectors, to);
  }
}

#endif

void SumBases(const BlendBasis& basis, std::span<const WeightedPair> pairs, float step, int first_chunk,
              int chunks, float* sums) {
  for (int i = 0; i < chunks; ++i) {
    sum_chunk(basis, pairs, step, first_chunk + i, sums + static_cast<std::ptrdiff_t>(i) * kBlendChunk);
  }
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(DrawHiddenLayers);
HWY_EXPORT(DrawLayer);
HWY_EXPORT(SumBases);

void draw_hidden_layers(const BlendHiddenLayers& layers, const float* pose, float* values) {
  HWY_DYNAMIC_DISPATCH(DrawHiddenLayers)(layers, pose, values);
}

void draw_layer(const BlendLayer& layer, const float* values, float* results) {
  HWY_DYNAMIC_DISPATCH(DrawLayer)(layer, values, results);
}

void sum_bases(const BlendBasis& basis, std::span<const WeightedPair> pairs, float step, int first_chunk,
               int chunks, float* sums) {
  HWY_DYNAMIC_DISPATCH(SumBases)(basis, pairs, step, first_chunk, chunks, sums);
}

}  // namespace tha4

#endif
