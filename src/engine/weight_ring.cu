// The weights of a level's layers. All warps of a block read them at a time, from shared memory: all of them
// where they fit, or else chunk by chunk, which arrive while the chunks before them are used. Behind
// tensor_cores.cu. Macros:
//   CHUNK_OFFSETS  where each chunk begins, in bytes, and where the last one ends
//   SLOT_BYTES     of the largest chunk
//   STAGES         chunks that shared memory has room for; 0: all of them
//   WARPS          of a thread block

__constant__ const int kChunkOffsets[] = {CHUNK_OFFSETS};
constexpr int kChunks = sizeof(kChunkOffsets) / sizeof(int) - 1;

/// Gives the weights, chunk after chunk, again and again.
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
  static constexpr int kStages = STAGES, kThreads = 32 * WARPS, kSlot = SLOT_BYTES / 16;

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
