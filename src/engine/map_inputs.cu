// What a convolution of maps on tensor cores reads, with all that lies between convolutions: norms, SiLUs,
// halving and doubling where inputs are read, additions and sums for the next norm where results are written.
//
// A thread block computes OUTPUTS channels of a tile of pixels, whose 64-pixel blocks of 8 by 8 belong to
// TEAMS teams of four warps. It goes through the inputs STEP channels at a time: their patch, the tile with
// its border, is made in shared memory once and read for all TAPS places of the kernel; weights follow each
// other through SLOTS slots, with TAKES_ROWS those of a row of places together. LOADERS teams of four warps
// more make patches and copy weights; where there are none, the others do that too. SPLITS thread blocks
// share the inputs of a tile. TAPS is 9 (3x3), 1 (1x1), or 4: 3x3 of pixels that count as 2x2, of which each
// of the four kinds of results reads 2x2; or 16: 4x4 with a result for 2x2 pixels, of each of which it reads
// 2x2. HALVES: the means of 2x2 pixels are convolved. ACTIVATION is one of MapActivation, after the norm.
// COPIES: patches are copied as they are, several ahead, and norm and activation follow where they lie.

constexpr int kThreads = 128 * (TEAMS + LOADERS), kBlocks = TEAMS * BLOCKS;
// One warp of those that load copies weights.
constexpr int kPatchThreads = LOADERS == 0 ? kThreads : 128 * LOADERS - 32;
constexpr int kColumns = kBlocks > 1 ? 2 : 1, kRows = kBlocks / kColumns;
constexpr int kTileWidth = 8 * kColumns, kTileHeight = 8 * kRows;
constexpr int kQuarters = TAPS == 16 ? 4 : 1;  // of the pixels, whose channels are inputs beside each other
constexpr int kTapsOfInput = TAPS / kQuarters;
constexpr int kBorder = TAPS == 9 ? 2 : kTapsOfInput == 4 ? 1 : 0;
constexpr int kPatchWidth = kTileWidth + kBorder, kPatchPixels = kPatchWidth * (kTileHeight + kBorder);
constexpr int kPlane = (kPatchPixels + 5) / 8 * 8 + 2;  // of 8 channels; so that writes meet in no bank
constexpr int kVectors = STEP / 8, kPatchBytes = kPlane * kVectors * 16;
constexpr int kTapsOfRow = TAPS == 9 ? 3 : kTapsOfInput == 4 ? 2 : 1;
constexpr int kTapsAtOnce = TAKES_ROWS ? kTapsOfRow : 1;
constexpr int kTapGroups = kTapsOfInput / kTapsAtOnce;
constexpr int kKinds = TAPS == 4 ? 4 : 1;
constexpr int kWeightPiece = OUTPUTS * 32;
constexpr int kSlotBytes = kTapsAtOnce * STEP * OUTPUTS * 2;
constexpr int kStagedOutputs = OUTPUTS > 128 ? 128 : OUTPUTS;
constexpr int kStagedWidth = kStagedOutputs + 8;  // so that writes meet in no bank

extern __shared__ uint4 shared_memory[];

/// Waits until \p count threads are here.
/// \param barrier  one of the block's
__device__ __forceinline__ void wait_for_threads(int barrier, int count) {
  asm volatile("bar.sync %0, %1;" ::"r"(barrier), "r"(count) : "memory");
}

/// The number of a thread among those that make patches.
__device__ __forceinline__ int patch_thread() {
  return threadIdx.x - (kThreads - kPatchThreads);
}

__device__ __forceinline__ void wait_for_patch_threads() {
  if (LOADERS == 0) {
    __syncthreads();
  } else {
    constexpr int kBarrier = 15;
    wait_for_threads(kBarrier, kPatchThreads);
  }
}

__device__ __forceinline__ void store_shared(unsigned to, const uint4& values) {
  asm volatile("st.shared.v4.b32 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(values.x), "r"(values.y),
               "r"(values.z), "r"(values.w)
               : "memory");
}

__device__ __forceinline__ uint4 load_shared(unsigned from) {
  uint4 values;
  asm volatile("ld.shared.v4.b32 {%0, %1, %2, %3}, [%4];"
               : "=r"(values.x), "=r"(values.y), "=r"(values.z), "=r"(values.w)
               : "r"(from)
               : "memory");
  return values;
}

/// Begins the copy of 16 bytes, or writes zeros.
/// \param from  an address that could be read, in both cases
__device__ __forceinline__ void copy_or_clear(unsigned to, const uint4* from, bool is_there) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(is_there ? 16 : 0)
               : "memory");
}

/// What a thread block computes at a time.
struct Place {
  Place() = default;
  /// \param number  of the tile with its kind, and of what is shared of it
  __device__ Place(const MapConvolution& work, int number, int outputs) : first_output(outputs) {
    int rest = number;
    split = rest % SPLITS;
    rest /= SPLITS;
    kind = rest % kKinds;
    rest /= kKinds;
    x = rest % work.tiles_x * kTileWidth;
    rest /= work.tiles_x;
    y = rest % work.tiles_y * kTileHeight;
    image = rest / work.tiles_y;
  }
  int split, kind, x, y, image, first_output;
};

/// STEP channels of a map.
struct Chunk {
  const uint4* values;  // of the image's first pixel
  int pixel_step;       // in 16 bytes
  int line;             // of the first channel
  int quarter;
  bool is_skipped;
};

/// The weights of a step: pieces of kWeightPiece bytes, one for 16 inputs of a place.
struct StepWeights {
  const uint4* first;
  int pieces, inputs;  // sixteens: of the step, and of the convolution
  int outputs;         // eights of the convolution

  __device__ __forceinline__ const uint4* piece(int number) const {
    const int row = number / (STEP / 16) * inputs + number % (STEP / 16);
    return first + static_cast<size_t>(row) * outputs * 16;
  }
};

/// What of the inputs is this thread block's, in chunks: those that are skipped come last.
class Inputs {
 public:
  __device__ Inputs(const MapConvolution& work, const Place& place) : work_(work), place_(place) {
    chunks_of_quarter_ = (work.from[0].channels + work.from[1].channels) / STEP;
    const int skipped = (work.skipped[0].channels + work.skipped[1].channels) / STEP;
    first_ = kQuarters * chunks_of_quarter_ * place.split / SPLITS;
    own_ = kQuarters * chunks_of_quarter_ * (place.split + 1) / SPLITS - first_;
    first_skipped_ = skipped * place.split / SPLITS;
    own_skipped_ = skipped * (place.split + 1) / SPLITS - first_skipped_;
  }

  __device__ int count() const { return own_ + own_skipped_; }
  __device__ int steps() const { return own_ * kTapGroups + own_skipped_; }
  __device__ bool is_skipped(int chunk) const { return chunk >= own_; }
  __device__ int first_line() const { return kQuarters > 1 ? 0 : first_ * STEP; }
  __device__ int lines() const { return (kQuarters > 1 ? chunks_of_quarter_ : own_) * STEP; }

  __device__ Chunk operator[](int chunk) const {
    const bool skipped = is_skipped(chunk);
    const int number = skipped ? first_skipped_ + chunk - own_ : first_ + chunk;
    const int quarter = kQuarters > 1 ? number / chunks_of_quarter_ : 0;
    int channel = STEP * (number - quarter * chunks_of_quarter_);
    const MapOfNumbers* map = skipped ? work_.skipped : work_.from;
    const int line = channel;
    if (channel >= map->channels) {
      channel -= map->channels;
      ++map;
    }
    const size_t image = static_cast<size_t>(place_.image) * work_.height * work_.width * map->channels;
    return {static_cast<const uint4*>(map->values) + (image + channel) / 8, map->channels / 8, line, quarter,
            skipped};
  }

  __device__ StepWeights weights_of(int step) const {
    const int outputs = work_.outputs / 8, inputs = chunks_of_quarter_ * (STEP / 16);
    const bool skipped = step >= own_ * kTapGroups;
    const int number = skipped ? first_skipped_ + step - own_ * kTapGroups : first_ + step / kTapGroups;
    const int quarter = kQuarters > 1 ? number / chunks_of_quarter_ : 0;
    const int chunk = number - quarter * chunks_of_quarter_;
    const int tap = skipped ? 0 : (place_.kind + quarter) * kTapsOfInput + step % kTapGroups * kTapsAtOnce;
    const size_t sixteen = static_cast<size_t>(tap) * inputs + chunk * (STEP / 16);
    return {static_cast<const uint4*>(skipped ? work_.skip_weights : work_.weights) +
                (sixteen * outputs + place_.first_output / 8) * 16,
            (skipped ? 1 : kTapsAtOnce) * (STEP / 16), inputs, outputs};
  }

 private:
  const MapConvolution& work_;
  const Place& place_;
  int chunks_of_quarter_, first_, own_, first_skipped_, own_skipped_;
};

/// What a channel's line is made of, besides its moments.
struct LineParts {
  float gamma, beta, scale, shift;
};

__device__ __forceinline__ LineParts parts_of_line(const MapConvolution& work, const Place& place,
                                                   int channel, int channels) {
  LineParts parts{work.gammas[channel], work.betas[channel], 1, 0};
  if (work.conditions != nullptr) {
    const float* const scale = work.conditions + place.image * work.condition_step + channel;
    parts.scale = scale[0];
    parts.shift = scale[channels];
  }
  return parts;
}

/// What becomes of each channel before its activation: a slope and an intercept.
__device__ void make_lines(const MapConvolution& work, const Place& place, const Inputs& inputs,
                           float2* lines, float2* moments) {
  if (work.gammas == nullptr) return;
  const int channels = work.from[0].channels + work.from[1].channels, size = channels / work.groups;
  const int first = inputs.first_line(), end = first + inputs.lines();
  // Those of this thread's first channel are on their way while moments are worked out.
  const int own = first + patch_thread();
  LineParts parts{};
  if (own < end) parts = parts_of_line(work, place, own, channels);
  for (int group = first / size + patch_thread(); group * size < end; group += kPatchThreads) {
    double sum = 0, squares = 0;
    for (int i = group * size; i < (group + 1) * size; ++i) {
      const bool is_second = i >= work.from[0].channels;
      const MapOfNumbers& map = work.from[is_second];
      const int channel = is_second ? i - work.from[0].channels : i;
      const longlong2 of_channel =
          reinterpret_cast<const longlong2*>(map.sums)[place.image * map.channels + channel];
      sum += static_cast<double>(of_channel.x);
      squares += static_cast<double>(of_channel.y);
    }
    const double mean = sum * work.fraction / kSumScale,
                 variance = squares * work.fraction / kSquareScale - mean * mean;
    constexpr float kEpsilon = 1e-5f;
    moments[group] = {static_cast<float>(mean), rsqrtf(fmaxf(static_cast<float>(variance), 0) + kEpsilon)};
  }
  wait_for_patch_threads();
  for (int i = own; i < end; i += kPatchThreads) {
    if (i != own) parts = parts_of_line(work, place, i, channels);
    const float2 moment = moments[i / size];
    const float slope = parts.gamma * moment.y;
    lines[i] = {slope * parts.scale, (parts.beta - moment.x * slope) * parts.scale + parts.shift};
  }
  wait_for_patch_threads();
}
