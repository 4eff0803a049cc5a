// The layers of a SIREN after the first one, by warpgroups: four warps whose products are one instruction,
// which takes the weights of 16 inputs from shared memory for 64 pixels. Functions multiply_add() for as many
// outputs as the layers have come before this text, see warpgroup_products.h.

constexpr int kChunkOffsets[] = {CHUNK_OFFSETS};
__constant__ const int kOffsetTable[] = {CHUNK_OFFSETS};
constexpr int kChunks = sizeof(kChunkOffsets) / sizeof(int) - 1;
constexpr int kSlots = kStages == 0 ? kChunks : kStages;
constexpr int kWeightBytes = kStages == 0 ? kChunkOffsets[kChunks] : kStages * SLOT_BYTES;

__device__ constexpr int padded_biases(int outputs) {
  return 16 * steps_of(outputs);
}

/// Of the widest layer that is read by another one.
__device__ constexpr int max_steps() {
  int widest = 0;
  for (int i = 0; i + (kIsMap ? 0 : 1) < kSineLayers; ++i) {
    if (steps_of(kWidths[i]) > widest) widest = steps_of(kWidths[i]);
  }
  return widest;
}

/// Where the tensor cores find 8x8 numbers of float16, which lie together: those of the next inputs 128 bytes
/// further on, those of the next outputs or pixels 256 bytes.
__device__ __forceinline__ unsigned long long matrix_at(unsigned address) {
  constexpr unsigned long long kNextInputs = 128 / 16, kNextRows = 256 / 16;
  return (address / 16) | kNextInputs << 16 | kNextRows << 32;
}

/// Counts a use of what lies in shared memory; how often that was done before.
__device__ __forceinline__ unsigned count_use(unsigned counter) {
  unsigned before;
  asm volatile("atom.acq_rel.cta.shared::cta.add.u32 %0, [%1], 1;" : "=r"(before) : "r"(counter) : "memory");
  return before;
}

/// The weights of the layers after the first, chunk after chunk, again and again. The last warp that has used
/// a chunk asks for the one that takes its place.
class Weights {
 public:
  /// \param uses  how often all of them will be taken
  __device__ Weights(const void* source, uint4* room, int uses)
      : source_(static_cast<const char*>(source)),
        room_(shared_address(room)),
        left_(kStages == 0 ? kChunks : uses * kChunks) {
    if (threadIdx.x == 0) {
      for (int i = 0; i < kSlots; ++i) {
        make_barrier(full(i), 1);
        asm volatile("st.shared.u32 [%0], 0;" ::"r"(uses_of(i)) : "memory");
      }
      make_barrier(constants(), 1);
      publish_shared_memory();
    }
    for (int i = 0; i < kSlots; ++i) fill(i, threadIdx.x == 0);
  }

  /// Copies what all threads need before the first chunk is taken.
  __device__ void copy_constants(void* to, const void* from, unsigned bytes) const {
    if (threadIdx.x != 0) return;
    expect_more(constants(), bytes);
    copy_to_shared(shared_address(to), from, bytes, constants());
  }

  /// Once before the first chunk is taken: all threads of the block.
  __device__ void wait_for_all() const {
    if (threadIdx.x == 0) arrive(constants());
    __syncthreads();
    wait(constants(), 0);
  }

  /// Where the chunk \p chunk is, which follows the one taken before.
  __device__ __forceinline__ unsigned take(int chunk) {
    if constexpr (kStages == 0) {
      wait(full(chunk), 0);
      return room_ + kOffsetTable[chunk];
    } else {
      wait(full(taken_slot_), taken_phase_);
      const unsigned taken = room_ + taken_slot_ * SLOT_BYTES;
      if (++taken_slot_ == kSlots) {
        taken_slot_ = 0;
        taken_phase_ ^= 1;
      }
      return taken;
    }
  }

  /// Ends the products of the chunk that was taken last, which need not be over. Those of the one before are.
  __device__ __forceinline__ void move_on(bool is_first) {
    if constexpr (kStages == 0) return;
    end_products();
    wait_for_products<1>();
    if (!is_first) release();
  }

  /// Before the block ends: copies that nobody has waited for are over too.
  __device__ void wait_for_rest() {
    if constexpr (kStages == 0) {
      for (int i = 0; i < kSlots; ++i) wait(full(i), 0);
    }
  }

  /// When all products of a layer are over.
  __device__ __forceinline__ void finish() {
    if constexpr (kStages != 0) release();
  }

 private:
  __device__ unsigned full(int slot) const { return room_ + kWeightBytes + 16 * slot; }
  __device__ unsigned uses_of(int slot) const { return full(slot) + 8; }
  __device__ unsigned constants() const { return full(kSlots); }

  __device__ __forceinline__ void release() {
    const bool is_last = threadIdx.x % 32 == 0 && count_use(uses_of(released_slot_)) % kWarps == kWarps - 1;
    fill(released_slot_, is_last);
    released_slot_ = released_slot_ + 1 == kSlots ? 0 : released_slot_ + 1;
  }

  /// The next chunk takes its place in \p slot.
  /// \param is_own  whether it is this thread that asks for it
  __device__ void fill(int slot, bool is_own) {
    if (left_ == 0) return;
    --left_;
    if (is_own) {
      const int begin = kOffsetTable[next_], bytes = kOffsetTable[next_ + 1] - begin;
      const unsigned to = room_ + (kStages == 0 ? begin : slot * SLOT_BYTES);
      expect(full(slot), bytes);
      copy_to_shared(to, source_ + begin, bytes, full(slot));
    }
    next_ = next_ + 1 == kChunks ? 0 : next_ + 1;
  }

  const char* source_;
  unsigned room_;
  int left_;  // chunks to be copied
  int next_ = 0, taken_slot_ = 0, released_slot_ = 0;
  unsigned taken_phase_ = 0;
};

#if KEPT_STEPS == 0
constexpr int kMaxSteps = max_steps();

/// A layer's sines, in registers.
class Sines {
 public:
  __device__ explicit Sines(uint4*) {}
  __device__ __forceinline__ void operator()(int step, int, const Outputs& outputs) {
    Outputs sines;
    of_[step] = sines_of(outputs, sines);
  }
  /// Before products begin.
  __device__ __forceinline__ void publish() const {}
  __device__ __forceinline__ const uint4& of(int step) const { return of_[step]; }

 private:
  uint4 of_[kMaxSteps];
};
#else
/// A layer's sines, in shared memory, where the tensor cores read them.
class Sines {
 public:
  static constexpr int kStepBytes = 64 * 16 * 2, kWarpBytes = 16 * 16 * 2;

  /// \param room  of the thread block
  __device__ explicit Sines(uint4* room)
      : of_team_(shared_address(room) + threadIdx.x / 128 * KEPT_STEPS * kStepBytes),
        of_lane_(of_team_ + threadIdx.x / 32 % 4 * kWarpBytes + threadIdx.x % 32 * 4) {}

  __device__ __forceinline__ void operator()(int step, int, const Outputs& outputs) const {
    Outputs sines;
    const uint4 pairs = sines_of(outputs, sines);
    const unsigned place = of_lane_ + step * kStepBytes;
    // Of the thread's pixel and the one below it, inputs 0 to 7 and 8 to 15: see matrix_at().
    asm volatile(
        "st.shared.u32 [%0], %1;\n"
        "st.shared.u32 [%0 + 256], %2;\n"
        "st.shared.u32 [%0 + 128], %3;\n"
        "st.shared.u32 [%0 + 384], %4;" ::"r"(place),
        "r"(pairs.x), "r"(pairs.y), "r"(pairs.z), "r"(pairs.w)
        : "memory");
  }
  /// Before products begin: the team has all sines.
  __device__ __forceinline__ void publish() const {
    publish_shared_memory();
    wait_for_team();
  }
  __device__ __forceinline__ unsigned long long of(int step) const {
    return matrix_at(of_team_ + step * kStepBytes);
  }
  /// When products are over: nobody needs the sines any longer.
  __device__ __forceinline__ void wait_for_team() const {
    asm volatile("bar.sync %0, 128;" ::"r"(1 + threadIdx.x / 128) : "memory");
  }

 private:
  unsigned of_team_, of_lane_;
};
#endif

/// Calls give(step, 0, outputs) for each 16 outputs `step` of a layer.
/// \param kept  the sines of the layer before
template <int Inputs, int Width, class Give>
__device__ __forceinline__ void multiply(const Sines& kept, const float* biases, Weights& weights,
                                         int first_chunk, Give& give) {
  constexpr int kSteps = steps_of(Inputs), kResultSteps = steps_of(Width);
  constexpr int kParts = (kResultSteps + 15) / 16;  // an instruction has 256 outputs at most
  constexpr int kGroups = 2 * kResultSteps / kParts, kStepBytes = kResultSteps * 512;
  const Lane lane;
  float sums[kParts][4 * kGroups];
#pragma unroll
  for (int i = 0; i < 2 * kResultSteps; ++i) {
    const float2 bias = *reinterpret_cast<const float2*>(biases + 8 * i + 2 * lane.column);
    float* const group = sums[i / kGroups] + i % kGroups * 4;
    group[0] = group[2] = bias.x;
    group[1] = group[3] = bias.y;
  }
#pragma unroll
  for (int part = 0; part < kParts; ++part) hold(sums[part]);
  kept.publish();
  unsigned of_chunk = 0;
  // Sines in registers have numbers that are known here.
  constexpr int kUnrolled = KEPT_STEPS > 0 && kStages > 0 ? kChunkSteps : kSteps;
#pragma unroll kUnrolled
  for (int step = 0; step < kSteps; ++step) {
    if (step % kChunkSteps == 0) {
      of_chunk = weights.take(first_chunk + step / kChunkSteps);
      begin_products();
    }
    const unsigned long long of_step = matrix_at(of_chunk + step % kChunkSteps * kStepBytes);
#pragma unroll
    for (int part = 0; part < kParts; ++part) {
      multiply_add(sums[part], kept.of(step), of_step + part * kGroups * (256 / 16));
    }
    if (step % kChunkSteps == kChunkSteps - 1 || step + 1 == kSteps) weights.move_on(step < kChunkSteps);
  }
  if constexpr (kStages == 0) end_products();
  wait_for_products<0>();
  weights.finish();
#if KEPT_STEPS > 0
  kept.wait_for_team();
#endif
#pragma unroll
  for (int step = 0; step < kResultSteps; ++step) {
    Outputs outputs;
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      const int group = 2 * step + i / 4;
      outputs.of[i / 4][i % 4] = sums[group / kGroups][group % kGroups * 4 + i % 4];
    }
    give(step, 0, outputs);
  }
}

/// The sine layers from number \p Layer on, the last of which gives its sums to \p last; and the linear layer
/// behind them, which gives its results to it, in a level that draws a map.
template <int Layer, class Last>
__device__ __forceinline__ void run_layers(Sines& sines, const float* biases, Weights& weights, int chunk,
                                           Last& last) {
  if constexpr (Layer < kSineLayers) {
    constexpr int kInputs = kWidths[Layer - 1], kOutputs = kWidths[Layer];
    if constexpr (Layer + 1 == kSineLayers && !kIsMap) {
      multiply<kInputs, kOutputs>(sines, biases, weights, chunk, last);
    } else {
      multiply<kInputs, kOutputs>(sines, biases, weights, chunk, sines);
      run_layers<Layer + 1>(sines, biases + padded_biases(kOutputs), weights,
                            chunk + (steps_of(kInputs) + kChunkSteps - 1) / kChunkSteps, last);
    }
  } else if constexpr (kIsMap) {
    multiply<kWidths[kSineLayers - 1], kResults>(sines, biases, weights, chunk, last);
  }
}
