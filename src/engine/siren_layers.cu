// The layers of a SIREN after the first one.

__device__ constexpr int padded_biases(int outputs) {
  return (steps_of(outputs) + kChunkSteps - 1) / kChunkSteps * kChunkSteps * 16;
}

/// A layer's sines, kept where the thread will read them for the next layer.
class Sines {
 public:
  /// \param room  of the thread block
  __device__ explicit Sines(uint4* room)
      : of_lane(room + threadIdx.x / 32 * kBlockWidth * KEPT_STEPS * 32 + threadIdx.x % 32) {}
  __device__ __forceinline__ void operator()(int step, int m, const Outputs& outputs) const {
    Outputs sines;
    of_lane[(m * KEPT_STEPS + step) * 32] = sines_of(outputs, sines);
  }
  uint4* of_lane;
};

/// Calls give(step, m, outputs) for each 16 outputs `step` of a layer and each 16 pixels m.
/// \param kept  the sines of the layer before
template <int Inputs, int Width, class Give>
__device__ __forceinline__ void multiply(const Sines& kept, const float* biases, Weights& weights,
                                         int first_chunk, const Give& give) {
  constexpr int kSteps = steps_of(Inputs), kChunksHere = (steps_of(Width) + kChunkSteps - 1) / kChunkSteps;
  const Lane lane;
  uint4 sines[kBlockWidth][kSteps];
#pragma unroll
  for (int m = 0; m < kBlockWidth; ++m) {
#pragma unroll
    for (int step = 0; step < kSteps; ++step) sines[m][step] = kept.of_lane[(m * KEPT_STEPS + step) * 32];
  }
#pragma unroll 1
  for (int chunk = 0; chunk < kChunksHere; ++chunk) {
    const uint4* const of_lane = weights.take(first_chunk + chunk) + threadIdx.x % 32;
    Outputs sums[kBlockWidth][kChunkSteps];
#pragma unroll
    for (int i = 0; i < 2 * kChunkSteps; ++i) {
      const float2 bias =
          *reinterpret_cast<const float2*>(biases + (chunk * 2 * kChunkSteps + i) * 8 + 2 * lane.column);
#pragma unroll
      for (int m = 0; m < kBlockWidth; ++m) {
        float(&group)[4] = sums[m][i / 2].of[i % 2];
        group[0] = group[2] = bias.x;
        group[1] = group[3] = bias.y;
      }
    }
#pragma unroll
    for (int step = 0; step < kSteps; ++step) {
#pragma unroll
      for (int pair = 0; pair < kChunkSteps; ++pair) {
        const uint4 b = of_lane[(pair * kSteps + step) * 32];
#pragma unroll
        for (int m = 0; m < kBlockWidth; ++m) {
          multiply_half(sums[m][pair].of[0], sines[m][step], b.x, b.y);
          multiply_half(sums[m][pair].of[1], sines[m][step], b.z, b.w);
        }
      }
    }
#pragma unroll
    for (int pair = 0; pair < kChunkSteps; ++pair) {
      const int step = chunk * kChunkSteps + pair;
      if (kChunkSteps > 1 && step >= steps_of(Width)) break;
#pragma unroll
      for (int m = 0; m < kBlockWidth; ++m) give(step, m, sums[m][pair]);
    }
  }
}

/// The sine layers from number \p Layer on, the last of which gives its sums to \p last; and the linear layer
/// behind them, which gives its results to it, in a level that draws a map.
template <int Layer, class Last>
__device__ __forceinline__ void run_layers(Sines& kept, const float* biases, Weights& weights, int chunk,
                                           const Last& last) {
  if constexpr (Layer < kSineLayers) {
    constexpr int kInputs = kWidths[Layer - 1], kOutputs = kWidths[Layer];
    if constexpr (Layer + 1 == kSineLayers && !kIsMap) {
      multiply<kInputs, kOutputs>(kept, biases, weights, chunk, last);
    } else {
      multiply<kInputs, kOutputs>(kept, biases, weights, chunk, kept);
      run_layers<Layer + 1>(kept, biases + padded_biases(kOutputs), weights,
                            chunk + (steps_of(kOutputs) + kChunkSteps - 1) / kChunkSteps, last);
    }
  } else if constexpr (kIsMap) {
    multiply<kWidths[kSineLayers - 1], kResults>(kept, biases, weights, chunk, last);
  }
}
