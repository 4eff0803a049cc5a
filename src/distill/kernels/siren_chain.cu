// Layers one after the other, without the numbers between them leaving the multiprocessor.
//
// A warp takes 16 or 32 pixels through all layers of a level. What the tensor cores give of two neighbouring
// groups of 8 outputs lies in just the registers in which they take 16 inputs, so that what a thread has of a
// layer is what it needs for the next one. Weights are read by all warps of a block at a time, chunk by
// chunk.
//
// What is constant for a network comes as macros:
//   SINE_STEPS     of each sine layer, its outputs in steps of 16, as a list
//   RESULT_STEPS   likewise of the linear layer behind them
//   CHUNK_OFFSETS  where each chunk of weights begins, in bytes, and where the last one ends
//   CHUNK_PAIRS    steps of 16 outputs in a chunk
//   STAGES         chunks that shared memory has room for; 0: all of them
//   SLOT_BYTES     of the largest chunk
//   TILES          of 16 pixels that a warp has
//   WARPS          of a thread block
//   KEPT_STEPS     steps of 16 of the widest layer that is read by another one

constexpr int kSteps[] = {SINE_STEPS};
constexpr int kSineLayers = sizeof(kSteps) / sizeof(int);
constexpr int kResultSteps = RESULT_STEPS;
constexpr int kPairs = CHUNK_PAIRS;
constexpr int kStages = STAGES;
constexpr int kTiles = TILES;
constexpr int kWarps = WARPS;
constexpr int kThreads = 32 * kWarps;
__constant__ const int kChunkOffsets[] = {CHUNK_OFFSETS};
constexpr int kChunks = sizeof(kChunkOffsets) / sizeof(int) - 1;

__device__ __forceinline__ void copy_to_shared(uint4* to, const uint4* from) {
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(from) : "memory");
}

__device__ __forceinline__ void end_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

template <int Pending>
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

/// The weights of the layers, chunk after chunk, again and again.
class Weights {
 public:
  /// \param uses  how often all of them will be taken
  __device__ Weights(const void* source, uint4* room, int uses)
      : source_(static_cast<const uint4*>(source)), room_(room), left_(uses * kChunks) {
    if constexpr (kStages == 0) {
      for (int i = threadIdx.x; i < kChunkOffsets[kChunks] / 16; i += kThreads) {
        copy_to_shared(room_ + i, source_ + i);
      }
      end_copies();
    } else {
      for (int i = 0; i + 1 < kStages; ++i) copy_next();
    }
  }

  /// Once before the first chunk is taken: all threads of the block.
  __device__ void wait_for_all() {
    if constexpr (kStages == 0) wait_for_copies<0>();
    __syncthreads();
  }

  /// The chunk \p chunk, which follows the one taken before. All threads of the block take it together.
  __device__ const uint4* take(int chunk) {
    if constexpr (kStages == 0) {
      return room_ + kChunkOffsets[chunk] / 16;
    } else {
      wait_for_copies<kStages - 2>();
      __syncthreads();  // all have the chunk, and none needs the one before it any longer
      copy_next();
      const uint4* const taken = room_ + taken_slot_ * kSlot;
      taken_slot_ = taken_slot_ + 1 == kStages ? 0 : taken_slot_ + 1;
      return taken;
    }
  }

 private:
  static constexpr int kSlot = SLOT_BYTES / 16;

  __device__ void copy_next() {
    if (left_ > 0) {
      const int begin = kChunkOffsets[next_] / 16, count = kChunkOffsets[next_ + 1] / 16 - begin;
      for (int i = threadIdx.x; i < count; i += kThreads) {
        copy_to_shared(room_ + next_slot_ * kSlot + i, source_ + begin + i);
      }
      next_ = next_ + 1 == kChunks ? 0 : next_ + 1;
      next_slot_ = next_slot_ + 1 == kStages ? 0 : next_slot_ + 1;
      --left_;
    }
    end_copies();
  }

  const uint4* source_;
  uint4* room_;
  int left_;  // chunks to be copied
  int next_ = 0, next_slot_ = 0, taken_slot_ = 0;
};

/// The thread's share of 16 pixels and 16 outputs: pixels `row` and `row + 8`, and of both the four outputs
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
