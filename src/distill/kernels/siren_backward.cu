// From the gradient of a level's results to those of the arguments of its sines.

/// \tparam IsRead  whether a layer before this one goes on with the gradient; else there is no room for it
template <bool IsRead>
struct ToArguments {
  struct Loaded {
    uint2 of[2];
  };
  uint4* kept;
  const unsigned short* arguments;  // of the thread's first pixel, at its column
  unsigned short* of_arguments;
  int stride;

  __device__ __forceinline__ float4 begin(int) const { return {0, 0, 0, 0}; }
  __device__ __forceinline__ size_t place(int step, int m, int half) const {
    return static_cast<size_t>(16 * m + 8 * half) * stride + 16 * step;
  }
  __device__ __forceinline__ Loaded load(int step, int m) const {
    return {{__ldg(reinterpret_cast<const uint2*>(arguments + place(step, m, 0))),
             __ldg(reinterpret_cast<const uint2*>(arguments + place(step, m, 1)))}};
  }
  __device__ __forceinline__ void finish(int step, int m, const Outputs& sums, const Loaded& loaded) const {
    uint2 gradients[2];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const float2 low = unpack_half(loaded.of[half].x), high = unpack_half(loaded.of[half].y);
      gradients[half] = {
          pack_bfloat(sums.of[0][2 * half] * __cosf(low.x), sums.of[0][2 * half + 1] * __cosf(low.y)),
          pack_bfloat(sums.of[1][2 * half] * __cosf(high.x), sums.of[1][2 * half + 1] * __cosf(high.y))};
      *reinterpret_cast<uint2*>(of_arguments + place(step, m, half)) = gradients[half];
    }
    if constexpr (IsRead) {
      kept_at(kept, m, step) = {gradients[0].x, gradients[1].x, gradients[0].y, gradients[1].y};
    }
  }
};

/// The layer with number \p Layer, counting the linear one behind the sine layers as the last, and those
/// before it.
template <int Layer>
__device__ __forceinline__ void run_back(const SirenBackward& level, int pixel, int column, uint4* kept,
                                         Weights& weights, int chunk) {
  if constexpr (Layer > 0) {
    constexpr int kOutputs = Layer == kSineLayers ? kResultSteps : kSteps[Layer < kSineLayers ? Layer : 0];
    constexpr int kInputs = kSteps[Layer - 1], kWidth = 16 * kInputs;
    const size_t place = static_cast<size_t>(pixel) * kWidth + 4 * column;
    multiply<kOutputs, kInputs, false>(
        kept, weights, chunk,
        ToArguments<(Layer > 1)>{kept, static_cast<const unsigned short*>(level.arguments[Layer - 1]) + place,
                                 static_cast<unsigned short*>(level.of_arguments[Layer - 1]) + place,
                                 kWidth});
    run_back<Layer - 1>(level, pixel, column, kept, weights, chunk + chunks_of(kInputs));
  }
}

extern "C" __global__ void __launch_bounds__(kThreads, 1) siren_backward(const SirenBackward level) {
  extern __shared__ uint4 shared_memory[];
  uint4* const chunks = shared_memory + kWarps * kTiles * KEPT_STEPS * 32;

  const int rounds = (level.tiles + kWarps * gridDim.x - 1) / (kWarps * gridDim.x);
  Weights weights(level.weights, chunks, rounds);
  weights.wait_for_all();
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int row = lane / 4, column = lane % 4;
  uint4* const kept = shared_memory + warp * kTiles * KEPT_STEPS * 32 + lane;
  for (int round = 0; round < rounds; ++round) {
    const int tile = (round * kWarps + warp) * gridDim.x + blockIdx.x;
    if (kStages == 0 && tile >= level.tiles) break;
    const int pixel = min(tile, level.tiles - 1) * 16 * kTiles + row;
    const uint2* const of_results =
        static_cast<const uint2*>(level.of_results) + static_cast<size_t>(pixel) * 4 * kResultSteps + column;
#pragma unroll
    for (int m = 0; m < kTiles; ++m) {
#pragma unroll
      for (int step = 0; step < kResultSteps; ++step) {
        const uint2 first = of_results[(16 * m) * 4 * kResultSteps + 4 * step];
        const uint2 second = of_results[(16 * m + 8) * 4 * kResultSteps + 4 * step];
        kept_at(kept, m, step) = {first.x, second.x, first.y, second.y};
      }
    }
    run_back<kSineLayers>(level, pixel, column, kept, weights, 0);
  }
}
