// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "map_kernels.cpp"
#include "map_kernels.h"

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
#include "map_values-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
#if THA4_BF16_PRODUCTS
HWY_PUSH_ATTRIBUTES("avx512bf16")
#endif
namespace tha4::HWY_NAMESPACE {
namespace {

/// What a channel's pixels go through.
struct Line {
  FloatVector slope, intercept;

  HWY_INLINE FloatVector at(FloatVector x) const { return hn::MulAdd(x, slope, intercept); }
};

HWY_INLINE FloatVector activated(const Line& line, FloatVector x, MapActivation activation) {
  const auto y = line.at(x);
  if (activation == MapActivation::silu) return silu(y);
  return activation == MapActivation::relu ? hn::Max(y, hn::Zero(Floats())) : y;
}

/// The mean of 2x2 pixels, each activated.
template <class Value>
HWY_INLINE FloatVector activated_mean(const Line& line, const Value* upper, const MapView& from,
                                      MapActivation activation) {
  const Value* const lower = upper + from.row_step();
  const auto first = hn::Add(activated(line, load_values(upper), activation),
                             activated(line, load_values(upper + from.channels), activation));
  const auto second = hn::Add(activated(line, load_values(lower), activation),
                              activated(line, load_values(lower + from.channels), activation));
  return hn::Mul(hn::Add(first, second), hn::Set(Floats(), 0.25F));
}

template <class Value>
void activate(const ActivationTask& task, int begin, int end) {
  const Floats d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const int pixels = task.halves ? 2 : 1;
  const bool is_added = task.added.origin != nullptr;
  for (int y = begin; y < end; ++y) {
    const auto* in = reinterpret_cast<const Value*>(task.from.pixel(y * pixels, 0));
    auto* out = reinterpret_cast<Value*>(task.to.pixel(y, 0)) + task.first_channel;
    for (int x = 0; x < task.to.width; ++x, in += pixels * task.from.channels, out += task.to.channels) {
      for (int channel = 0; channel < task.from.channels; channel += lanes) {
        const Line line{hn::LoadU(d, task.slopes + channel), hn::LoadU(d, task.intercepts + channel)};
        auto value = task.halves ? activated_mean(line, in + channel, task.from, task.activation)
                                 : activated(line, load_values(in + channel), task.activation);
        if (is_added)
          value =
              hn::Add(value, load_values(reinterpret_cast<const Value*>(task.added.pixel(y, x)) + channel));
        store_values(value, out + channel);
      }
    }
  }
}

void ActivateRows(const ActivationTask& task, int begin, int end) {
  if (task.from.type == MapType::fp32) {
    activate<float>(task, begin, end);
  } else {
    activate<Bf16>(task, begin, end);
  }
}

template <class Value>
void add_sums(const MapView& map, int begin, int end, float* sums) {
  const Floats d;
  for (int channel = 0; channel < map.channels; channel += static_cast<int>(hn::Lanes(d))) {
    auto sum = hn::LoadU(d, sums + channel), squares = hn::LoadU(d, sums + map.channels + channel);
    for (int y = begin; y < end; ++y) {
      const auto* values = reinterpret_cast<const Value*>(map.pixel(y, 0)) + channel;
      for (int x = 0; x < map.width; ++x, values += map.channels) {
        const auto value = load_values(values);
        sum = hn::Add(sum, value);
        squares = hn::MulAdd(value, value, squares);
      }
    }
    hn::StoreU(sum, d, sums + channel);
    hn::StoreU(squares, d, sums + map.channels + channel);
  }
}

void SumRows(const MapView& map, int begin, int end, float* sums) {
  if (map.type == MapType::fp32) {
    add_sums<float>(map, begin, end, sums);
  } else {
    add_sums<Bf16>(map, begin, end, sums);
  }
}

template <class Value>
void read(const PlanesTask& task, int begin, int end) {
  const Floats d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  HWY_ALIGN float values[kChannelStep];
  for (int y = begin; y < end; ++y) {
    for (int first = 0; first < task.to.channels; first += kChannelStep) {
      const float* in = task.planes + first * task.channel_step + y * task.row_step;
      auto* out = reinterpret_cast<Value*>(task.to.pixel(y, 0)) + first;
      const int count = HWY_MIN(kChannelStep, task.channels - first);
      for (int i = 0; i < kChannelStep; ++i) values[i] = 0;
      for (int x = 0; x < task.to.width; ++x, in += task.pixel_step, out += task.to.channels) {
        for (int i = 0; i < count; ++i) values[i] = in[i * task.channel_step];
        for (int i = 0; i < kChannelStep; i += lanes) store_values(hn::Load(d, values + i), out + i);
      }
    }
  }
}

void ReadPlanes(const PlanesTask& task, int begin, int end) {
  if (task.to.type == MapType::fp32) {
    read<float>(task, begin, end);
  } else {
    read<Bf16>(task, begin, end);
  }
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
#if THA4_BF16_PRODUCTS
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(ActivateRows);
HWY_EXPORT(SumRows);
HWY_EXPORT(ReadPlanes);

void activate_rows(const ActivationTask& task, int begin, int end) {
  HWY_DYNAMIC_DISPATCH(ActivateRows)(task, begin, end);
}

void sum_rows(const MapView& map, int begin, int end, float* sums) {
  HWY_DYNAMIC_DISPATCH(SumRows)(map, begin, end, sums);
}

void read_planes(const PlanesTask& task, int begin, int end) {
  HWY_DYNAMIC_DISPATCH(ReadPlanes)(task, begin, end);
}

}  // namespace tha4

#endif
