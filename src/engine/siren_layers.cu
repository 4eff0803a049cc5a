// The layers of a SIREN after the first one, and where their weights come from.

__constant__ const int kChunkOffsets[] = {CHUNK_OFFSETS};
constexpr int kChunks = sizeof(kChunkOffsets) / sizeof(int) - 1;

__device__ constexpr int padded_biases(int outputs) {
  return (steps_of(outputs) + kChunkSteps - 1) / kChunkSteps * kChunkSteps * 16;
}

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

  /// Copies what all threads need before the first chunk is taken.
  __device__ void copy_constants(void* to, const void* from, unsigned bytes) const {
    for (int i = threadIdx.x; i < bytes / 16; i += kThreads) {
      static_cast<uint4*>(to)[i] = __ldg(static_cast<const uint4*>(from) + i);
    }
  }

  /// Once before the first chunk is taken: all threads of the block.
  __device__ void wait_for_all() {
    if constexpr (kStages == 0) wait_for_copies<0>();
    __syncthreads();
  }

  /// Before the block ends.
  __device__ void wait_for_rest() {}

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
          multiply_add(sums[m][pair].of[0], sines[m][step], b.x, b.y);
          multiply_add(sums[m][pair].of[1], sines[m][step], b.z, b.w);
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
