// A convolution of maps by warpgroups (compute capability 9.0): four warps whose products are one
// instruction, which reads pixels and weights from shared memory by itself. See map_inputs.cu. Teams multiply
// and write; other warps make patches and copy weights meanwhile, PATCHES and SLOTS ahead of them. A thread
// block goes from tile to tile: the next one's inputs arrive while results are written. Functions
// multiply_add() for OUTPUTS outputs have come before this text, see warpgroup_products.h.

constexpr int kStagedBlocks = OUTPUTS <= 64 ? BLOCKS : 1;            // that a team writes together
constexpr int kStagedBytes = kStagedBlocks * 64 * kStagedWidth * 4;  // of a team
constexpr int kBarrierBytes = 256, kSlotsBegin = kBarrierBytes + PATCHES * kPatchBytes;
constexpr int kStagedBegin = kSlotsBegin + SLOTS * kSlotBytes;
constexpr int kLinesBegin = kStagedBegin + TEAMS * kStagedBytes;
static_assert(2 * 8 * (PATCHES + SLOTS) <= kBarrierBytes && SPLITS == 1);

/// Rooms that are filled and emptied one after the other, again and again, with two barriers each.
template <int Rooms>
class Ring {
 public:
  /// \param barriers  addresses of 2 * Rooms of them
  __device__ Ring(unsigned barriers, unsigned rooms, unsigned bytes)
      : barriers_(barriers), rooms_(rooms), bytes_(bytes) {}

  /// By one thread, before the others use it.
  /// \param fills, empties  arrivals that make a room full, or empty
  __device__ void begin(unsigned fills, unsigned empties) const {
    for (int i = 0; i < Rooms; ++i) {
      make_barrier(barriers_ + 16 * i, fills);
      make_barrier(barriers_ + 16 * i + 8, empties);
    }
  }

  __device__ __forceinline__ void wait_until_full() const { wait(full(), phase_); }
  __device__ __forceinline__ void wait_until_empty() const { wait(full() + 8, phase_ ^ 1); }

  __device__ __forceinline__ unsigned room() const { return rooms_ + room_ * bytes_; }
  __device__ __forceinline__ unsigned full() const { return barriers_ + 16 * room_; }
  /// Of the room before this one.
  __device__ __forceinline__ unsigned last_empty() const {
    return barriers_ + 16 * (room_ == 0 ? Rooms - 1 : room_ - 1) + 8;
  }

  __device__ __forceinline__ void move_on() {
    if (++room_ < Rooms) return;
    room_ = 0;
    phase_ ^= 1;
  }

 private:
  unsigned barriers_, rooms_, bytes_;
  int room_ = 0;
  unsigned phase_ = 0;
};

using Patches = Ring<PATCHES>;
using Slots = Ring<SLOTS>;

/// Where the tensor cores find a matrix of 16-bit numbers, 8 by 8 of which lie together.
/// \param next_inputs, next_rows  from such numbers to the next ones, in 16 bytes
__device__ __forceinline__ unsigned long long matrix_at(unsigned address, unsigned long long next_inputs,
                                                        unsigned long long next_rows) {
  constexpr unsigned kWithinBlock = 0x3ffff;  // above it is which block of a cluster
  return (address & kWithinBlock) / 16 | next_inputs << 16 | next_rows << 32;
}

__device__ __forceinline__ Place place_of_tile(const MapConvolution& work, int tile) {
  const int columns = work.outputs / OUTPUTS;
  return Place(work, tile / columns, tile % columns * OUTPUTS);
}

/// The tiles of a thread block.
template <class Do>
__device__ __forceinline__ void for_each_tile(const MapConvolution& work, const Do& act) {
  for (int tile = blockIdx.x; tile < work.tiles; tile += gridDim.x) {
    const Place place = place_of_tile(work, tile);
    act(place, Inputs(work, place));
  }
}

/// By one thread.
__device__ __forceinline__ void load_weights(const MapConvolution& work, Slots slots) {
  for_each_tile(work, [&](const Place&, const Inputs& inputs) {
    for (int step = 0; step < inputs.steps(); ++step) {
      const StepWeights weights = inputs.weights_of(step);
      slots.wait_until_empty();
      expect(slots.full(), weights.pieces * kWeightPiece);
      for (int i = 0; i < weights.pieces; ++i) {
        copy_to_shared(slots.room() + i * kWeightPiece, weights.piece(i), kWeightPiece, slots.full());
      }
      slots.move_on();
    }
  });
}

/// The lines of the image that patches are made of.
class LinesOfImage {
 public:
  __device__ LinesOfImage(const MapConvolution& work, float2* lines) : work_(work), lines_(lines) {}

  __device__ __forceinline__ void update(const Place& place, const Inputs& inputs) {
    if (place.image == image_) return;
    wait_for_patch_threads();  // nobody needs the last ones
    make_lines(work_, place, inputs, lines_, lines_ + work_.from[0].channels + work_.from[1].channels);
    image_ = place.image;
  }

 private:
  const MapConvolution& work_;
  float2* lines_;
  int image_ = -1;
};

/// The patches of a thread block's tiles, which are copied as they are.
class PatchCopies {
 public:
  __device__ PatchCopies(const MapConvolution& work, const Patches& patches)
      : work_(work), patches_(patches), place_(place_of_tile(work, blockIdx.x)), patch_(work, place_) {}

  /// Begins the copies of the next patch, if there is one, and ends a group of them. See Patch::copy().
  __device__ __forceinline__ unsigned begin_next() {
    unsigned there = 0;
    if (tile_ < work_.tiles) {
      const Inputs inputs(work_, place_);
      patches_.wait_until_empty();
      there = patch_.copy(patches_.room(), inputs[chunk_]);
      patches_.move_on();
      if (++chunk_ == inputs.count()) begin_tile();
    }
    end_copies();
    return there;
  }

 private:
  __device__ __forceinline__ void begin_tile() {
    chunk_ = 0;
    tile_ += gridDim.x;
    place_ = place_of_tile(work_, tile_);
    patch_.move(place_);
  }

  const MapConvolution& work_;
  Patches patches_;
  int tile_ = blockIdx.x, chunk_ = 0;
  Place place_;
  Patch patch_;
};

/// Makes patches out of copies that are begun PATCHES - 2 ahead. One more, and a patch would have to wait for
/// the products of the one before it, whose room that copy needs.
__device__ __forceinline__ void make_patches_of_copies(const MapConvolution& work, Patches patches,
                                                       float2* lines) {
  constexpr int kAhead = PATCHES - 2;
  PatchCopies copies(work, patches);
  unsigned there[kAhead + 1];
#pragma unroll
  for (int i = 0; i < kAhead; ++i) there[i] = copies.begin_next();
  LinesOfImage lines_of_image(work, lines);
  for_each_tile(work, [&](const Place& place, const Inputs& inputs) {
    lines_of_image.update(place, inputs);
    for (int i = 0; i < inputs.count(); ++i) {
      there[kAhead] = copies.begin_next();
      wait_for_copies<kAhead>();
      const Chunk chunk = inputs[i];
      if (!chunk.is_skipped && work.gammas != nullptr)
        Patch::activate_copies(patches.room(), lines + chunk.line, there[0]);
      publish_shared_memory();
      arrive(patches.full());
      patches.move_on();
#pragma unroll
      for (int k = 0; k < kAhead; ++k) there[k] = there[k + 1];
    }
  });
}

__device__ __forceinline__ void make_patches(const MapConvolution& work, Patches patches, float2* lines) {
  LinesOfImage lines_of_image(work, lines);
  for_each_tile(work, [&](const Place& place, const Inputs& inputs) {
    Patch patch(work, place);
    patch.fetch(inputs[0]);
    lines_of_image.update(place, inputs);
    for (int chunk = 0; chunk < inputs.count(); ++chunk) {
      patches.wait_until_empty();
      const bool has_next = chunk + 1 < inputs.count();
      patch.store_and_fetch(patches.room(), lines, inputs[has_next ? chunk + 1 : chunk], has_next);
      publish_shared_memory();
      arrive(patches.full());
      patches.move_on();
    }
  });
}

/// Begins the products of Taps places beside each other with the weights of a step. Nothing comes between
/// these: the compiler would begin a group of products of its own at each branch.
/// \param pixels, weights  of the first of them
template <int Taps>
__device__ __forceinline__ void begin_step(float (&sums)[BLOCKS][OUTPUTS / 2], unsigned long long pixels,
                                           unsigned long long weights) {
  begin_products();
#pragma unroll
  for (int tap = 0; tap < Taps; ++tap) {
#pragma unroll
    for (int step = 0; step < STEP / 16; ++step) {
#pragma unroll
      for (int m = 0; m < BLOCKS; ++m) {
        // Blocks of a team are beside and below each other; its first one is where pixels begin.
        const int block = m / kColumns * 8 * kPatchWidth + m % kColumns * 8;
        multiply_add(sums[m], pixels + tap + 2 * step * kPlane + block,
                     weights + (tap * (STEP / 16) + step) * kWeightPiece / 16);
      }
    }
  }
  end_products();
}

/// All products of a tile.
__device__ __forceinline__ void multiply(float (&sums)[BLOCKS][OUTPUTS / 2], const Inputs& inputs,
                                         Patches& patches, Slots& slots) {
  static_assert(BLOCKS == 1 || BLOCKS % kColumns == 0);
  const int first = threadIdx.x / 128 * BLOCKS;
  const unsigned of_team = (first / kColumns * 8 * kPatchWidth + first % kColumns * 8) * 16;
  const bool tells = threadIdx.x % 32 == 0;
  bool is_first = true;
#pragma unroll 1
  for (int chunk = 0; chunk < inputs.count(); ++chunk) {
    const bool is_skipped = inputs.is_skipped(chunk);
    const int groups = is_skipped ? 1 : kTapGroups;
    patches.wait_until_full();
    const unsigned room = patches.room() + of_team;
#pragma unroll 1
    for (int group = 0; group < groups; ++group) {
      slots.wait_until_full();
      const int tap = group * kTapsAtOnce, row = tap / kTapsOfRow, column = tap % kTapsOfRow;
      const int pixel = !is_skipped ? row * kPatchWidth + column : TAPS == 9 ? kPatchWidth + 1 : 0;
      const unsigned long long pixels = matrix_at(room + pixel * 16, kPlane, kPatchWidth),
                               weights = matrix_at(slots.room(), 8, 16);
      if (is_skipped) {
        begin_step<1>(sums, pixels, weights);
      } else {
        begin_step<kTapsAtOnce>(sums, pixels, weights);
      }
      wait_for_products<1>();  // those of the step before are over
      if (tells && !is_first) {
        arrive(slots.last_empty());
        if (group == 0) arrive(patches.last_empty());
      }
      is_first = false;
      slots.move_on();
    }
    patches.move_on();
  }
  wait_for_products<0>();
  if (tells) {
    arrive(slots.last_empty());
    arrive(patches.last_empty());
  }
}

__device__ __forceinline__ void compute(const MapConvolution& work, Patches patches, Slots slots,
                                        float* staged) {
  for_each_tile(work, [&](const Place& place, const Inputs& inputs) {
    float sums[BLOCKS][OUTPUTS / 2] = {};
#pragma unroll
    for (int m = 0; m < BLOCKS; ++m) hold(sums[m]);
    multiply(sums, inputs, patches, slots);
#pragma unroll
    for (int m = 0; m < BLOCKS; ++m) hold(sums[m]);
#pragma unroll
    for (int first = 0; first < OUTPUTS; first += kStagedOutputs) {
      Writer writer(work, place, place.first_output + first);
#pragma unroll
      for (int m = 0; m < BLOCKS; m += kStagedBlocks) {
#pragma unroll
        for (int i = 0; i < kStagedBlocks; ++i) {
          stage(sums[m + i] + first / 2, staged + i * 64 * kStagedWidth);
        }
        wait_for_writers();
        writer.write<64 * kStagedBlocks>(staged, (threadIdx.x / 128 * BLOCKS + m) * 64);
        wait_for_writers();  // until nobody reads what is staged
      }
      writer.add_sums(staged);
      wait_for_writers();
    }
  });
}

/// Registers of a thread: those of teams have sums, and get what the others can do without.
__device__ __forceinline__ void take_registers() {
#if TEAM_REGISTERS > 0
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(TEAM_REGISTERS));
#endif
}
__device__ __forceinline__ void give_registers() {
#if TEAM_REGISTERS > 0
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(LOADER_REGISTERS));
#endif
}

extern "C" __global__ void __launch_bounds__(kThreads, MIN_BLOCKS)
    convolve(const __grid_constant__ MapConvolution work) {
  char* const memory = reinterpret_cast<char*>(shared_memory);
  const unsigned begin = shared_address(memory);
  const Patches patches(begin, begin + kBarrierBytes, kPatchBytes);
  const Slots slots(begin + 16 * PATCHES, begin + kSlotsBegin, kSlotBytes);
  if (threadIdx.x == 0) {
    patches.begin(kPatchThreads, 4 * TEAMS);
    slots.begin(1, 4 * TEAMS);
    publish_shared_memory();
  }
  __syncthreads();
  let_next_launch_begin();
  // The same for all threads of a warp, which the compiler does not know by itself.
  const int team = __shfl_sync(0xffffffff, threadIdx.x / 128, 0);
  if (team < TEAMS) {
    take_registers();
    wait_for_last_launch();
    compute(work, patches, slots, reinterpret_cast<float*>(memory + kStagedBegin + team * kStagedBytes));
  } else {
    give_registers();
    if (threadIdx.x >= kThreads - kPatchThreads) {
      wait_for_last_launch();
      float2* const lines = reinterpret_cast<float2*>(memory + kLinesBegin);
#if COPIES
      make_patches_of_copies(work, patches, lines);
#else
      make_patches(work, patches, lines);
#endif
    } else if (threadIdx.x % 32 == 0) {
      load_weights(work, slots);
    }
  }
}
