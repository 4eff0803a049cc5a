// Layers one after the other, without the numbers between them leaving the multiprocessor.
//
// A warp takes 16 or 32 pixels through all layers of a level. What the tensor cores give of two neighbouring
// groups of 8 outputs lies in just the registers in which they take 16 inputs, so that what a thread has of a
// layer is what it needs for the next one.
//
// What is constant for a network comes as macros, besides those of the engine's weight_ring.cu, which comes
// before this text:
//   SINE_STEPS     of each sine layer, its outputs in steps of 16, as a list
//   RESULT_STEPS   likewise of the linear layer behind them
//   CHUNK_PAIRS    steps of 16 outputs in a chunk of weights
//   TILES          of 16 pixels that a warp has
//   KEPT_STEPS     steps of 16 of the widest layer that is read by another one

constexpr int kSteps[] = {SINE_STEPS};
constexpr int kSineLayers = sizeof(kSteps) / sizeof(int);
constexpr int kResultSteps = RESULT_STEPS;
constexpr int kPairs = CHUNK_PAIRS;
constexpr int kStages = STAGES;
constexpr int kTiles = TILES;
constexpr int kWarps = WARPS;
constexpr int kThreads = 32 * kWarps;

/// The thread's part of 16 pixels and 16 outputs: pixels `row` and `row + 8`, and of both the four outputs
/// that lie next to each other where numbers are shuffled: {pixel row: 2, pixel row + 8: 2} of either group
/// of 8.
struct Outputs {
  float of[2][4];
};

/// The numbers of a layer that the thread keeps for the next one, [tile][step], each in a room of its own.
__device__ __forceinline__ uint4& kept_at(uint4* kept, int tile, int step) {
  return kept[(tile * KEPT_STEPS + step) * 32];
}

/// One layer: for each 16 of its outputs, begin(step) gives what sums begin with, load(step, tile) fetches
/// what finish(step, tile, outputs, loaded) will need. InHalf: whether numbers are float16, not bfloat16.
template <int In, int Out, bool InHalf, class Layer>
__device__ __forceinline__ void multiply(uint4* kept, Weights& weights, int first_chunk, const Layer& layer) {
  constexpr int kChunksHere = (Out + kPairs - 1) / kPairs;
  uint4 inputs[kTiles][In];
#pragma unroll
  for (int m = 0; m < kTiles; ++m) {
#pragma unroll
    for (int step = 0; step < In; ++step) inputs[m][step] = kept_at(kept, m, step);
  }
#pragma unroll 1
  for (int chunk = 0; chunk < kChunksHere; ++chunk) {
    const uint4* const of_lane = weights.take(first_chunk + chunk) + threadIdx.x % 32;
    typename Layer::Loaded loaded[kTiles][kPairs];
    Outputs sums[kTiles][kPairs];
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      const int step = min(chunk * kPairs + pair, Out - 1);
      const float4 start = layer.begin(step);
#pragma unroll
      for (int m = 0; m < kTiles; ++m) {
        loaded[m][pair] = layer.load(step, m);
        sums[m][pair] = {{{start.x, start.y, start.x, start.y}, {start.z, start.w, start.z, start.w}}};
      }
    }
#pragma unroll
    for (int step = 0; step < In; ++step) {
#pragma unroll
      for (int pair = 0; pair < kPairs; ++pair) {
        const uint4 b = of_lane[(pair * In + step) * 32];
#pragma unroll
        for (int m = 0; m < kTiles; ++m) {
          if constexpr (InHalf) {
            multiply_half(sums[m][pair].of[0], inputs[m][step], b.x, b.y);
            multiply_half(sums[m][pair].of[1], inputs[m][step], b.z, b.w);
          } else {
            multiply_bfloat(sums[m][pair].of[0], inputs[m][step], b.x, b.y);
            multiply_bfloat(sums[m][pair].of[1], inputs[m][step], b.z, b.w);
          }
        }
      }
    }
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      const int step = chunk * kPairs + pair;
      if (kPairs > 1 && step >= Out) break;
#pragma unroll
      for (int m = 0; m < kTiles; ++m) layer.finish(step, m, sums[m][pair], loaded[m][pair]);
    }
  }
}

/// Chunks of a layer with so many steps of outputs.
__device__ constexpr int chunks_of(int steps) {
  return (steps + kPairs - 1) / kPairs;
}

/// What a layer loads that needs nothing.
struct Nothing {};
