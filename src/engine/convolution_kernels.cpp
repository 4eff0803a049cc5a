// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convolution_kernels.cpp"
#include "convolution_kernels.h"

#include <algorithm>
#include <utility>

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
#include "map_values-inl.h"
#include "winograd-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
#if THA4_BF16_PRODUCTS
HWY_PUSH_ATTRIBUTES("avx512bf16")
#endif
namespace tha4::HWY_NAMESPACE {
namespace {

// Pixels, and vectors of outputs, whose sums are in registers together.
constexpr int kRows = HWY_TARGET <= HWY_AVX3 ? 8 : 4;
constexpr int kVectors = HWY_ARCH_ARM_A64 ? 4 : 2;
static_assert(kBlockTiles % kRows == 0);

/// A matrix of pixels by inputs, and where its products with a panel of weights go.
template <class Value>
struct Product {
  const Value* inputs;
  std::ptrdiff_t input_step;  ///< from a pixel to the next one
  const Value* weights;
  int count;          ///< of inputs
  int panel;          ///< outputs
  float* results;     ///< [pixels][panel]
  bool adds = false;  ///< to the results
};

/// The products of kRows pixels with sizeof...(i) / kRows vectors of outputs; the numbers are unrolled by
/// hand, as it were, for the sums to stay in registers.
template <class Value, std::size_t... i>
HWY_INLINE void multiply_rows(const Product<Value>& product, const Value* inputs, const Value* weights,
                              float* results, std::index_sequence<i...>) {
  constexpr std::size_t kSums = sizeof...(i), kWidth = kSums / kRows;
  constexpr int kStep = kInputsOfProduct<Value>;
  const Floats d;
  const std::size_t lanes = hn::Lanes(d);
  FloatVector sums[kSums];
  if (product.adds) {
    ((sums[i] = hn::Load(d, results + (i / kWidth) * product.panel + (i % kWidth) * lanes)), ...);
  } else {
    ((sums[i] = hn::Zero(d)), ...);
  }
  const std::size_t row = static_cast<std::size_t>(product.panel) * kStep;
  for (int input = 0; input < product.count; input += kStep) {
    decltype(load_weights(weights)) vectors[kWidth];
    for (std::size_t k = 0; k < kWidth; ++k) vectors[k] = load_weights(weights + k * lanes * kStep);
    ((sums[i] = add_products(sums[i], inputs + static_cast<std::ptrdiff_t>(i / kWidth) * product.input_step,
                             vectors[i % kWidth])),
     ...);
    inputs += kStep;
    weights += row;
  }
  ((hn::Store(sums[i], d, results + (i / kWidth) * product.panel + (i % kWidth) * lanes)), ...);
}

/// The products of \p pixels, rounded up to a multiple of kRows.
template <class Value>
HWY_INLINE void multiply(const Product<Value>& product, int pixels) {
  const int lanes = static_cast<int>(hn::Lanes(Floats()));
  for (int pixel = 0; pixel < pixels; pixel += kRows) {
    const Value* const inputs = product.inputs + pixel * product.input_step;
    float* const results = product.results + static_cast<std::ptrdiff_t>(pixel) * product.panel;
    int output = 0;
    for (; output + kVectors * lanes <= product.panel; output += kVectors * lanes) {
      multiply_rows(product, inputs, product.weights + output * kInputsOfProduct<Value>, results + output,
                    std::make_index_sequence<kRows * kVectors>());
    }
    for (; output < product.panel; output += lanes) {
      multiply_rows(product, inputs, product.weights + output * kInputsOfProduct<Value>, results + output,
                    std::make_index_sequence<kRows>());
    }
  }
}

/// Where the sums of a block lie: not a power of two apart, which would be the same place of the cache.
template <class Value>
std::size_t point_step(const PackedConvolution& convolution) {
  return static_cast<std::size_t>(kBlockTiles * convolution.inputs) + 128 / sizeof(Value);
}

constexpr std::size_t result_step(int panel) {
  return static_cast<std::size_t>(kBlockTiles * panel + kChannelStep);
}

template <class Value>
HWY_INLINE Value* values_at(const MapView& map, int y, int x) {
  return reinterpret_cast<Value*>(map.origin) + y * map.row_step() +
         static_cast<std::ptrdiff_t>(x) * map.channels;
}

template <class Value>
HWY_INLINE FloatVector addition_at(const MapView& map, Addition addition, int y, int x, int channel) {
  if (addition == Addition::same) return load_values(values_at<Value>(map, y, x) + channel);
  if (addition == Addition::doubled) return load_values(values_at<Value>(map, y / 2, x / 2) + channel);
  const Value* const upper = values_at<Value>(map, 2 * y, 2 * x) + channel;
  const Value* const lower = upper + map.row_step();
  const auto sum = hn::Add(hn::Add(load_values(upper), load_values(upper + map.channels)),
                           hn::Add(load_values(lower), load_values(lower + map.channels)));
  return hn::Mul(sum, hn::Set(Floats(), 0.25F));
}

/// The tiles of a block.
struct Tiles {
  int begin, end;
  int columns;  ///< of all tiles

  int count() const { return end - begin; }
};

/// Where a convolution's tiles lie on its inputs and results, along both axes.
struct TilePlaces {
  int step;                        ///< pixels of the inputs from a tile to the next one
  int pixel_step = 1;              ///< between the pixels that are read
  int first_y = -1, first_x = -1;  ///< that the first tile reads
  int result_step = 1;             ///< between the results of a kind
  int result_y = 0, result_x = 0;  ///< the first one

  TilePlaces(const PackedConvolution& convolution, int kind, int part)
      : step(convolution.halves()                      ? 4
             : convolution.kind == MapWeights::doubled ? 1
                                                       : 2) {
    if (convolution.halves()) {
      pixel_step = 2;
      first_y += part / 2;
      first_x += part % 2;
    }
    if (convolution.kinds() > 1) {
      result_step = 2;
      result_y = kind / 2;
      result_x = kind % 2;
      first_y += result_y;
      first_x += result_x;
    }
  }
};

/// The results of a block in one vector of outputs.
/// \param products  of that vector
template <class Value, class Result, int kSize>
HWY_INLINE void write_results(const ConvolutionTask& task, const Tiles& tiles, int channel,
                              const float* products, int panel, float* sums) {
  const Floats d;
  const TilePlaces places(*task.convolution, task.kind, 0);
  const ResultSize size = results_of(task);
  const auto bias = hn::LoadU(d, task.convolution->biases.data() + channel);
  auto sum = hn::LoadU(d, sums + channel), squares = hn::LoadU(d, sums + task.to.channels + channel);
  int y = tiles.begin / tiles.columns * 2, x = tiles.begin % tiles.columns * 2;
  for (int tile = 0; tile < tiles.count(); ++tile, products += panel) {
    FloatVector pixels[2][2];
    untransform<kSize>(products, result_step(panel), pixels);
    for (int row = 0; row < 2 && y + row < size.height; ++row) {
      for (int column = 0; column < 2 && x + column < size.width; ++column) {
        const int to_y = (y + row) * places.result_step + places.result_y;
        const int to_x = (x + column) * places.result_step + places.result_x;
        auto value = hn::Add(pixels[row][column], bias);
        if (task.addition != Addition::none) {
          value = hn::Add(value, addition_at<Value>(task.added, task.addition, to_y, to_x, channel));
        }
        store_values(value, values_at<Result>(task.to, to_y, to_x) + channel);
        sum = hn::Add(sum, value);
        squares = hn::MulAdd(value, value, squares);
      }
    }
    x += 2;
    if (x >= 2 * tiles.columns) {
      x = 0;
      y += 2;
    }
  }
  hn::StoreU(sum, d, sums + channel);
  hn::StoreU(squares, d, sums + task.to.channels + channel);
}

template <class Value, class Result, int kSize>
void convolve_block(const ConvolutionTask& task, ConvolutionScratch& scratch, const Tiles& tiles,
                    float* sums) {
  const PackedConvolution& convolution = *task.convolution;
  const int lanes = static_cast<int>(hn::Lanes(Floats()));
  constexpr int kPoints = kSize * kSize;
  auto* const inputs = reinterpret_cast<Value*>(scratch.inputs(convolution.inputs, task.from.type));
  const std::size_t input_step = point_step<Value>(convolution);
  const int channels = convolution.inputs / convolution.parts();
  for (int tile = 0; tile < tiles.count(); ++tile) {
    const int y = (tiles.begin + tile) / tiles.columns, x = (tiles.begin + tile) % tiles.columns;
    Value* to = inputs + static_cast<std::ptrdiff_t>(tile) * convolution.inputs;
    for (int part = 0; part < convolution.parts(); ++part, to += channels) {
      const TilePlaces places(convolution, task.kind, part);
      const Value* const corner =
          values_at<Value>(task.from, y * places.step + places.first_y, x * places.step + places.first_x);
      for (int channel = 0; channel < channels; channel += lanes) {
        transform_inputs<kSize>(corner + channel, task.from.row_step() * places.pixel_step,
                                static_cast<std::ptrdiff_t>(task.from.channels) * places.pixel_step,
                                to + channel, input_step);
      }
    }
  }
  const auto* weights =
      reinterpret_cast<const Value*>(convolution.weights.get()) +
      static_cast<std::ptrdiff_t>(task.kind) * kPoints * convolution.inputs * convolution.outputs;
  for (int first = 0; first < convolution.outputs; first += kPanelWidth) {
    const int panel = convolution.outputs_of_panel(first / kPanelWidth);
    for (int point = 0; point < kPoints; ++point) {
      const Product<Value> product{
          .inputs = inputs + static_cast<std::size_t>(point) * input_step,
          .input_step = convolution.inputs,
          .weights = weights,
          .count = convolution.inputs,
          .panel = panel,
          .results = scratch.products() + static_cast<std::size_t>(point) * result_step(panel)};
      multiply(product, tiles.count());
      weights += static_cast<std::ptrdiff_t>(convolution.inputs) * panel;
    }
    for (int output = 0; output < panel; output += lanes) {
      write_results<Value, Result, kSize>(task, tiles, first + output, scratch.products() + output, panel,
                                          sums);
    }
  }
}

template <class Value, class Result>
void convolve(const ConvolutionTask& task, ConvolutionScratch& scratch, int begin, int end, float* sums) {
  const int columns = results_of(task).tile_columns();
  for (int first = begin; first < end; first += kBlockTiles) {
    const Tiles tiles{.begin = first, .end = std::min(first + kBlockTiles, end), .columns = columns};
    if (task.convolution->points < kMaxPoints) {
      convolve_block<Value, Result, kShortAxisPoints>(task, scratch, tiles, sums);
    } else {
      convolve_block<Value, Result, kAxisPoints>(task, scratch, tiles, sums);
    }
  }
}

void ConvolveTiles(const ConvolutionTask& task, ConvolutionScratch& scratch, int begin, int end,
                   float* sums) {
  if (task.from.type == MapType::fp32) {
    convolve<float, float>(task, scratch, begin, end, sums);
  } else if (task.to.type == MapType::fp32) {
    convolve<Bf16, float>(task, scratch, begin, end, sums);
  } else {
    convolve<Bf16, Bf16>(task, scratch, begin, end, sums);
  }
}

/// Pixels beside each other, from (x, y) on.
template <class Value>
void mix_pixels(const PointwiseTask& task, ConvolutionScratch& scratch, int y, int x, int count) {
  const Floats d;
  const PackedConvolution& convolution = *task.convolutions[0];
  std::ptrdiff_t offset[2] = {0, 0};
  for (int first = 0; first < convolution.outputs; first += kPanelWidth) {
    const int panel = convolution.outputs_of_panel(first / kPanelWidth);
    for (std::size_t i = 0; i < 2 && task.convolutions[i] != nullptr; ++i) {
      const PackedConvolution& part = *task.convolutions[i];
      multiply(Product<Value>{.inputs = values_at<Value>(task.from[i], y, x),
                              .input_step = task.from[i].channels,
                              .weights = reinterpret_cast<const Value*>(part.weights.get()) + offset[i],
                              .count = part.inputs,
                              .panel = panel,
                              .results = scratch.products(),
                              .adds = i > 0},
               count);
      offset[i] += static_cast<std::ptrdiff_t>(part.inputs) * panel;
    }
    for (int pixel = 0; pixel < count; ++pixel) {
      Value* const to = values_at<Value>(task.to, y, x + pixel) + first;
      for (int output = 0; output < panel; output += static_cast<int>(hn::Lanes(d))) {
        const auto value = hn::Load(d, scratch.products() + pixel * panel + output);
        const auto bias = hn::LoadU(d, convolution.biases.data() + first + output);
        store_values(hn::Add(value, bias), to + output);
      }
    }
  }
}

void MixChannels(const PointwiseTask& task, ConvolutionScratch& scratch, int begin, int end) {
  for (int y = begin; y < end; ++y) {
    for (int x = 0; x < task.to.width; x += kBlockTiles) {
      const int count = std::min(kBlockTiles, task.to.width - x);
      if (task.to.type == MapType::fp32) {
        mix_pixels<float>(task, scratch, y, x, count);
      } else {
        mix_pixels<Bf16>(task, scratch, y, x, count);
      }
    }
  }
}

/// Whether this instruction set is one of those whose processors may have products of bf16.
bool MayHaveBf16Products() {
  return THA4_BF16_PRODUCTS == 1;
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
#if THA4_BF16_PRODUCTS
HWY_POP_ATTRIBUTES
#endif
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(ConvolveTiles);
HWY_EXPORT(MixChannels);
HWY_EXPORT(MayHaveBf16Products);

std::byte* ConvolutionScratch::inputs(int inputs, MapType type) {
  const std::size_t step = static_cast<std::size_t>(kBlockTiles * inputs) * size_of(type) + 128;
  if (kMaxPoints * step > bytes_) {
    bytes_ = kMaxPoints * step;
    inputs_ = hwy::AllocateAligned<std::byte>(bytes_);
    std::fill_n(inputs_.get(), bytes_, std::byte{0});
  }
  return inputs_.get();
}

ResultSize results_of(const ConvolutionTask& task) {
  const int divisor = task.convolution->kinds() > 1 ? 2 : 1;
  return {task.to.height / divisor, task.to.width / divisor};
}

void convolve_tiles(const ConvolutionTask& task, ConvolutionScratch& scratch, int begin, int end,
                    float* sums) {
  HWY_DYNAMIC_DISPATCH(ConvolveTiles)(task, scratch, begin, end, sums);
}

void mix_channels(const PointwiseTask& task, ConvolutionScratch& scratch, int begin, int end) {
  HWY_DYNAMIC_DISPATCH(MixChannels)(task, scratch, begin, end);
}

bool has_bf16_products() {
#if HWY_ARCH_X86 && (HWY_COMPILER_GCC || HWY_COMPILER_CLANG)
  return HWY_DYNAMIC_DISPATCH(MayHaveBf16Products)() && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

}  // namespace tha4

#endif
