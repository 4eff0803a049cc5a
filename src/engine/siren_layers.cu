// The layers of a SIREN after the first one, and where their weights come from.

/// The weights of the layers after the first, chunk after chunk, again and again.
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
    if constexpr (kStages == 0) return room_ + kChunkOffsets[chunk] / 16;
    wait_for_copies<kStages - 2>();
    __syncthreads();  // all have the chunk, and none needs the one before it any longer
    copy_next();
    const uint4* const taken = room_ + taken_slot_ * kSlot;
    taken_slot_ = taken_slot_ + 1 == kStages ? 0 : taken_slot_ + 1;
    return taken;
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

/// The thread's share of the warp: the pixel block of its row, and the pair of outputs of its column.
struct Lane {
  __device__ Lane() : row((threadIdx.x % 32) / 4), column(threadIdx.x % 4) {}
  int row, column;
};

/// A thread's sums, or values, of 16 outputs: of either group of 8 two outputs, of the pixel in its row and
/// of the one below that.
struct Outputs {
  float of[2][4];
};

/// Their sines, as the tensor cores take them.
__device__ __forceinline__ uint4 sines_of(const Outputs& outputs, Outputs& sines) {
#pragma unroll
  for (int i = 0; i < 8; ++i) sines.of[i / 4][i % 4] = __sinf(outputs.of[i / 4][i % 4]);
  return {pack(sines.of[0][0], sines.of[0][1]), pack(sines.of[0][2], sines.of[0][3]),
          pack(sines.of[1][0], sines.of[1][1]), pack(sines.of[1][2], sines.of[1][3])};
}

/// What rounding to float16 took away.
__device__ __forceinline__ uint4 rest_of(const Outputs& sines, const uint4& rounded) {
  const unsigned pairs[4] = {rounded.x, rounded.y, rounded.z, rounded.w};
  unsigned rest[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float2 value = unpack(pairs[i]);
    rest[i] = pack(sines.of[i / 2][i % 2 * 2] - value.x, sines.of[i / 2][i % 2 * 2 + 1] - value.y);
  }
  return {rest[0], rest[1], rest[2], rest[3]};
}

/// Keeps a layer's sines, where the thread will read them for the next layer.
struct Keep {
  uint4* room;
  __device__ __forceinline__ void operator()(int step, int m, const Outputs& outputs) const {
    Outputs sines;
    room[(m * KEPT_STEPS + step) * 32] = sines_of(outputs, sines);
  }
};

/// Adds the last layer's sines into the results, of which there are 8 at most, without keeping them.
struct AddToResults {
  const uint4* weights;  // [step]: rounded, and what rounding took away
  float (&sums)[kBlockWidth][4];
  __device__ __forceinline__ void operator()(int step, int m, const Outputs& outputs) const {
    Outputs sines;
    const uint4 rounded = sines_of(outputs, sines), rest = rest_of(sines, rounded);
    const uint4 b = weights[step * 32];
    multiply_add(sums[m], rounded, b.x, b.y);
    multiply_add(sums[m], rest, b.x, b.y);
    multiply_add(sums[m], rounded, b.z, b.w);
  }
};

/// Writes a map's cells, the four results of a thread next to each other: of each 16 results, those number 0,
/// 1, 8, 9, 2, 3, 10, 11 and so on. Those beyond the last one mean nothing.
struct WriteMap {
  float* cells[kPixels];  // at the thread's column; null outside the region
  __device__ __forceinline__ void operator()(int step, int m, const Outputs& outputs) const {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float* const cell = cells[2 * m + half];
      if (cell == nullptr) continue;
      *reinterpret_cast<float4*>(cell + 16 * step) = {outputs.of[0][2 * half], outputs.of[0][2 * half + 1],
                                                      outputs.of[1][2 * half], outputs.of[1][2 * half + 1]};
    }
  }
};

/// Calls give(step, m, outputs) for each 16 outputs `step` of a layer and each 16 pixels m.
/// \param kept  the thread's sines of the layer before
template <int Inputs, int Width, class Give>
__device__ __forceinline__ void multiply(const uint4* kept, const float* biases, Weights& weights,
                                         int first_chunk, const Give& give) {
  constexpr int kSteps = steps_of(Inputs), kChunksHere = (steps_of(Width) + kPairs - 1) / kPairs;
  const Lane lane;
  uint4 sines[kBlockWidth][kSteps];
#pragma unroll
  for (int m = 0; m < kBlockWidth; ++m) {
#pragma unroll
    for (int step = 0; step < kSteps; ++step) sines[m][step] = kept[(m * KEPT_STEPS + step) * 32];
  }
#pragma unroll 1
  for (int chunk = 0; chunk < kChunksHere; ++chunk) {
    const uint4* const of_lane = weights.take(first_chunk + chunk) + threadIdx.x % 32;
    Outputs sums[kBlockWidth][kPairs];
#pragma unroll
    for (int i = 0; i < 2 * kPairs; ++i) {
      const float2 bias =
          *reinterpret_cast<const float2*>(biases + (chunk * 2 * kPairs + i) * 8 + 2 * lane.column);
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
      for (int pair = 0; pair < kPairs; ++pair) {
        const uint4 b = of_lane[(pair * kSteps + step) * 32];
#pragma unroll
        for (int m = 0; m < kBlockWidth; ++m) {
          multiply_add(sums[m][pair].of[0], sines[m][step], b.x, b.y);
          multiply_add(sums[m][pair].of[1], sines[m][step], b.z, b.w);
        }
      }
    }
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      const int step = chunk * kPairs + pair;
      if (kPairs > 1 && step >= steps_of(Width)) break;
#pragma unroll
      for (int m = 0; m < kBlockWidth; ++m) give(step, m, sums[m][pair]);
    }
  }
}

/// The sine layers from number \p Layer on, the last of which gives its sums to \p last; and the linear layer
/// behind them, which gives its results to it, in a level that draws a map.
template <int Layer, class Last>
__device__ __forceinline__ void run_layers(uint4* kept, const float* biases, Weights& weights, int chunk,
                                           const Last& last) {
  if constexpr (Layer < kSineLayers) {
    constexpr int kInputs = kWidths[Layer - 1], kOutputs = kWidths[Layer];
    if constexpr (Layer + 1 == kSineLayers && !kIsMap) {
      multiply<kInputs, kOutputs>(kept, biases, weights, chunk, last);
    } else {
      multiply<kInputs, kOutputs>(kept, biases, weights, chunk, Keep{kept});
      run_layers<Layer + 1>(kept, biases + padded_biases(kOutputs), weights,
                            chunk + (steps_of(kOutputs) + kPairs - 1) / kPairs, last);
    }
  } else if constexpr (kIsMap) {
    multiply<kWidths[kSineLayers - 1], kResults>(kept, biases, weights, chunk, last);
  }
}
