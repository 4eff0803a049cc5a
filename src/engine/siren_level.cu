// One level of a SIREN, from positions to its results, without a number between its layers leaving the
// multiprocessor.
//
// A warp takes 16 or 32 pixels through all layers. What the tensor cores give of two neighbouring groups of 8
// outputs lies in just the registers in which they take 16 inputs, so that what a thread writes of a layer is
// what it reads for the next one: nothing is exchanged between threads. Products are of float16, sums and the
// sines' arguments of float32. The few results that make up pixels are sums of products with twice the digits
// of float16: flow is counted in pixels, and a thousandth of the frame is half a pixel.
//
// Weights are read by all warps of a block at a time, from shared memory: the whole level's where they fit,
// or else in chunks, which arrive while the chunks before them are used. Loops over outputs stay loops: code
// that is run once for each pixel would be waited for longer than it runs.
//
// What is constant for a network comes as macros:
//   SINE_WIDTHS    outputs of each sine layer, as a list
//   RESULTS        outputs of the linear layer behind them
//   CHUNK_OFFSETS  where each chunk of weights begins, in bytes, and where the last one ends
//   CHUNK_PAIRS    steps of 16 outputs in a chunk
//   STAGES         chunks that shared memory has room for; 0: all of them
//   BLOCK_WIDTH    1: a thread has a block of 1x2 pixels, 2: of 2x2
//   WARPS          of a thread block
//   KEPT_STEPS     steps of 16 sines of the widest layer that is read by another one
//   BIASES         of the layers after the first, each padded to whole chunks
//   HAS_MAP        whether the first layer adds samples of a map
//   SHARES_CELLS   whether the pixels of a block lie between the same four cells of the map, which has half
//                  the resolution
//   OUTPUT         0: a map, 1: colours, 2: flow, alpha and colours of a body rotator

using namespace tha4::kernels;

constexpr int kWidths[] = {SINE_WIDTHS};
constexpr int kSineLayers = sizeof(kWidths) / sizeof(int);
constexpr int kResults = RESULTS;
constexpr int kPairs = CHUNK_PAIRS;
constexpr int kStages = STAGES;
constexpr int kBlockWidth = BLOCK_WIDTH;
constexpr int kPixels = 2 * kBlockWidth;  // of a thread's block, and as many as the rows that it has
constexpr int kWarps = WARPS;
constexpr int kThreads = 32 * kWarps;
constexpr int kBlocksOfWarp = 8;
__constant__ const int kChunkOffsets[] = {CHUNK_OFFSETS};
constexpr int kChunks = sizeof(kChunkOffsets) / sizeof(int) - 1;

constexpr bool kIsMap = OUTPUT == 0;

__device__ constexpr int steps_of(int features) { return (features + 15) / 16; }
constexpr int kFirstPadded = 16 * steps_of(kWidths[0]);
constexpr int kLastSteps = steps_of(kWidths[kSineLayers - 1]);
__device__ constexpr int padded_biases(int outputs) {
  return (steps_of(outputs) + kPairs - 1) / kPairs * kPairs * 16;
}

// What differs between generations of GPUs.

__device__ __forceinline__ unsigned pack(float low, float high) {
  unsigned pair;
#if __CUDA_ARCH__ >= 800
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
#else
  asm("{.reg .f16 low, high;\n"
      "cvt.rn.f16.f32 low, %1;\n"
      "cvt.rn.f16.f32 high, %2;\n"
      "mov.b32 %0, {low, high};}"
      : "=r"(pair)
      : "f"(low), "f"(high));
#endif
  return pair;
}

/// The numbers of a pair.
__device__ __forceinline__ float2 unpack(unsigned pair) {
  float2 values;
  asm("{.reg .f16 low, high;\n"
      "mov.b32 {low, high}, %2;\n"
      "cvt.f32.f16 %0, low;\n"
      "cvt.f32.f16 %1, high;}"
      : "=f"(values.x), "=f"(values.y)
      : "r"(pair));
  return values;
}

/// sums += a b, of 16 pixels, 16 inputs and 8 outputs.
__device__ __forceinline__ void multiply_add(float (&sums)[4], const uint4& a, unsigned b0, unsigned b1) {
#if __CUDA_ARCH__ >= 800
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
#else
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%8}, {%0,%1,%2,%3};\n"
      "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%6,%7}, {%9}, {%0,%1,%2,%3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
#endif
}

__device__ __forceinline__ void copy_to_shared(uint4* to, const uint4* from) {
#if __CUDA_ARCH__ >= 800
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(from) : "memory");
#else
  *to = *from;
#endif
}

__device__ __forceinline__ void end_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits until at most \p Pending of the groups that end_copies() ended are under way.
template <int Pending>
__device__ __forceinline__ void wait_for_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
#endif
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

/// A position on one axis of a map.
struct Cell {
  int index;    // the cell before it
  float share;  // of the cell behind that
};

/// Where pixels of a row or a column lie on the map. A pair of pixels that shares cells counts from those of
/// its first one.
struct Axis {
  __device__ Axis(int resolution, int cells)
      : scale(static_cast<float>(cells) / static_cast<float>(resolution)), last(cells - 1) {}
  __device__ float position(int pixel) const {
    const float place = (static_cast<float>(pixel) + 0.5f) * scale - 0.5f;
    return fminf(fmaxf(place, 0.0f), static_cast<float>(last));
  }
  __device__ Cell cell(int pixel, int first) const {
    const int index = min(static_cast<int>(position(first)), last - 1);
    return {index, position(pixel) - static_cast<float>(index)};
  }
  float scale;
  int last;
};

/// The block of pixels of one thread's row.
struct Block {
  __device__ Block(const SirenLevel& level, int block, int across, int first_x, int first_y) {
    x = first_x + block % across * kBlockWidth;
    y = first_y + block / across * 2;
    end_x = level.x + level.width;
    end_y = level.y + level.height;
    begin_x = level.x;
    begin_y = level.y;
  }
  __device__ bool has(int px, int py) const {
    return px >= begin_x && px < end_x && py >= begin_y && py < end_y;
  }
  int x, y, begin_x, begin_y, end_x, end_y;
};

/// Bilinear samples of a map at the pixels of a block.
class MapSampler {
 public:
  __device__ MapSampler(const SirenLevel& level, const Block& block)
      : map_(level.map + static_cast<size_t>(blockIdx.y) * level.map_size * level.map_size * level.map_stride),
        right_(level.map_stride),
        below_(level.map_size * level.map_stride) {
    const Axis axis(level.resolution, level.map_size);
#pragma unroll
    for (int i = 0; i < kBlockWidth; ++i) columns_[i] = axis.cell(block.x + i, block.x + (SHARES_CELLS ? 0 : i));
#pragma unroll
    for (int i = 0; i < 2; ++i) rows_[i] = axis.cell(block.y + i, block.y + (SHARES_CELLS ? 0 : i));
  }

  /// Adds the samples of four features that lie next to each other, which are a thread's outputs.
  __device__ __forceinline__ void add(int place, Outputs (&outputs)[kBlockWidth]) const {
    Corners corners;
#pragma unroll
    for (int i = 0; i < kPixels; ++i) {
      const Cell& column = columns_[i / 2];
      const Cell& row = rows_[i % 2];
      if (!SHARES_CELLS || i == 0) corners = corners_at(column, row, place);
      const float4 above = mix(corners.of[0], corners.of[1], column.share);
      const float4 under = mix(corners.of[2], corners.of[3], column.share);
      const float4 sample = mix(above, under, row.share);
      float(&of)[2][4] = outputs[i / 2].of;
      const int half = i % 2 * 2;
      of[0][half] += sample.x;
      of[0][half + 1] += sample.y;
      of[1][half] += sample.z;
      of[1][half + 1] += sample.w;
    }
  }

 private:
  struct Corners {
    float4 of[4];
  };

  __device__ static float mix(float a, float b, float share) { return a + share * (b - a); }
  __device__ static float4 mix(const float4& a, const float4& b, float share) {
    return {mix(a.x, b.x, share), mix(a.y, b.y, share), mix(a.z, b.z, share), mix(a.w, b.w, share)};
  }

  __device__ Corners corners_at(const Cell& column, const Cell& row, int place) const {
    const float* const cell = map_ + row.index * below_ + column.index * right_ + place;
    const auto load = [](const float* from) { return __ldg(reinterpret_cast<const float4*>(from)); };
    return {{load(cell), load(cell + right_), load(cell + below_), load(cell + below_ + right_)}};
  }

  const float* map_;
  int right_, below_;
  Cell columns_[kBlockWidth];
  Cell rows_[2];
};

/// Of [-1, 1] all over the frame.
__device__ float centre_of(int pixel, int resolution) {
  return (2.0f * static_cast<float>(pixel) + 1.0f) / static_cast<float>(resolution) - 1.0f;
}

/// The first layer: of positions, the pose and the map. Calls give(step, m, outputs).
template <class Give>
__device__ __forceinline__ void start(const SirenLevel& level, const Block& block, const float* first,
                                      const Give& give) {
  float x[kBlockWidth], y[2];
#pragma unroll
  for (int i = 0; i < kBlockWidth; ++i) x[i] = centre_of(block.x + i, level.resolution);
#pragma unroll
  for (int i = 0; i < 2; ++i) y[i] = centre_of(block.y + i, level.resolution);
#if HAS_MAP
  const MapSampler sampler(level, block);
#endif
  const Lane lane;
  // Several steps at a time, whose cells are on their way together.
#pragma unroll 3
  for (int step = 0; step < steps_of(kWidths[0]); ++step) {
    Outputs outputs[kBlockWidth];
#pragma unroll
    for (int group = 0; group < 2; ++group) {
      const auto of = [&](int which) {
        return *reinterpret_cast<const float2*>(first + which * kFirstPadded + 16 * step + 8 * group +
                                                2 * lane.column);
      };
      const float2 of_x = of(0), of_y = of(1), bias = of(2);
#pragma unroll
      for (int i = 0; i < kPixels; ++i) {
        float* const pair = outputs[i / 2].of[group] + i % 2 * 2;
        pair[0] = bias.x + of_x.x * x[i / 2] + of_y.x * y[i % 2];
        pair[1] = bias.y + of_x.y * x[i / 2] + of_y.y * y[i % 2];
      }
    }
#if HAS_MAP
    sampler.add(16 * step + 4 * lane.column, outputs);
#endif
#pragma unroll
    for (int m = 0; m < kBlockWidth; ++m) give(step, m, outputs[m]);
  }
}

/// The parts of shared memory, in their order.
struct Shared {
  __device__ explicit Shared(uint4* begin)
      : first(reinterpret_cast<float*>(begin)),
        biases(first + 3 * kFirstPadded),
        results(reinterpret_cast<uint4*>(biases + BIASES)),
        kept(results + (kIsMap ? 0 : kLastSteps * 32)),
        chunks(kept + kWarps * kBlockWidth * KEPT_STEPS * 32) {}

  float* first;    // [3][padded]: of x, of y, and biases with the pose's share
  float* biases;   // of the other layers
  uint4* results;  // [step][lane]: weights of the results that make up pixels
  uint4* kept;     // [warp][16 pixels][step][lane]: sines
  uint4* chunks;   // of weights
};

__device__ void load_constants(const SirenLevel& level, const Shared& shared) {
  const float* const pose =
      level.poses == nullptr ? level.pose : level.poses + static_cast<size_t>(blockIdx.y) * level.pose_stride;
  for (int i = threadIdx.x; i < kFirstPadded; i += kThreads) {
    float sum = level.first[2 * kFirstPadded + i];
#pragma unroll 15
    for (int j = 0; j < level.pose_size; ++j) sum += pose[j] * level.of_pose[j * kFirstPadded + i];
    shared.first[i] = level.first[i];
    shared.first[kFirstPadded + i] = level.first[kFirstPadded + i];
    shared.first[2 * kFirstPadded + i] = sum;
  }
  for (int i = threadIdx.x; i < BIASES; i += kThreads) shared.biases[i] = level.biases[i];
  if constexpr (!kIsMap) {
    for (int i = threadIdx.x; i < kLastSteps * 32; i += kThreads) {
      shared.results[i] = static_cast<const uint4*>(level.result_weights)[i];
    }
  }
}

/// The first 8 results of one pixel of the thread's block: pixel number `lane.column`, for those threads that
/// have such a pixel. The results lie in the four threads of a row, a pair of each pixel in each.
__device__ __forceinline__ void gather(const float (&pairs)[kPixels][2], const Lane& lane, float (&all)[8]) {
#pragma unroll
  for (int distance = 0; distance < 4; ++distance) {
    const int other = lane.column ^ distance;
    float2 sent = {0, 0};
#pragma unroll
    for (int pixel = 0; pixel < kPixels; ++pixel) {
      if (pixel == other) sent = {pairs[pixel][0], pairs[pixel][1]};
    }
    sent.x = __shfl_xor_sync(0xffffffffu, sent.x, distance);
    sent.y = __shfl_xor_sync(0xffffffffu, sent.y, distance);
#pragma unroll
    for (int pair = 0; pair < 4; ++pair) {
      if (pair == other) {
        all[2 * pair] = sent.x;
        all[2 * pair + 1] = sent.y;
      }
    }
  }
}

/// Where one pixel goes in the planes of the region.
struct Planes {
  __device__ Planes(const SirenLevel& level, int px, int py)
      : plane(static_cast<size_t>(level.width) * level.height),
        place(static_cast<size_t>(py - level.y) * level.width + (px - level.x)) {}
  template <int Channels>
  __device__ void write(float* planes, const float* values) const {
    if (planes == nullptr) return;
#pragma unroll
    for (int i = 0; i < Channels; ++i) planes[(blockIdx.y * Channels + i) * plane + place] = values[i];
  }
  size_t plane, place;
};

/// Colours of an image at a position, the border going on for ever; what is no number counts as its begin.
__device__ float4 sample_image(const SirenLevel& level, float x, float y) {
  const int size = level.image_size;
  const float limit = static_cast<float>(size - 1);
  const float column = fminf(fmaxf(0.0f, ((x + 1) * static_cast<float>(size) - 1) / 2), limit);
  const float row = fminf(fmaxf(0.0f, ((y + 1) * static_cast<float>(size) - 1) / 2), limit);
  const int left = static_cast<int>(column), top = static_cast<int>(row);
  const int right = min(left + 1, size - 1), bottom = min(top + 1, size - 1);
  const float right_share = column - static_cast<float>(left), lower_share = row - static_cast<float>(top);
  const float4* const image =
      reinterpret_cast<const float4*>(level.image) + static_cast<size_t>(blockIdx.y) * size * size;
  const float4 corners[4] = {image[top * size + left], image[top * size + right], image[bottom * size + left],
                             image[bottom * size + right]};
  const auto mix = [](float a, float b, float share) { return a + share * (b - a); };
  const auto sample = [&](float a, float b, float c, float d) {
    return mix(mix(a, b, right_share), mix(c, d, right_share), lower_share);
  };
  return {sample(corners[0].x, corners[1].x, corners[2].x, corners[3].x),
          sample(corners[0].y, corners[1].y, corners[2].y, corners[3].y),
          sample(corners[0].z, corners[1].z, corners[2].z, corners[3].z),
          sample(corners[0].w, corners[1].w, corners[2].w, corners[3].w)};
}

/// Colours are written, and pasted into the image of the same pose.
__device__ void write_colors(const SirenLevel& level, int px, int py, const float* colors) {
  Planes(level, px, py).write<4>(level.direct, colors);
  if (level.pasted == nullptr) return;
  const size_t place =
      (static_cast<size_t>(blockIdx.y) * level.image_size + level.paste_y + py) * level.image_size +
      level.paste_x + px;
  reinterpret_cast<float4*>(level.pasted)[place] = {colors[0], colors[1], colors[2], colors[3]};
}

/// Flow, alpha and direct colours become the frame's pixel: blended = (1 - alpha) warped + alpha direct.
__device__ void write_body(const SirenLevel& level, int px, int py, const float* values) {
  const float4 sample = sample_image(level, centre_of(px, level.resolution) + values[0],
                                     centre_of(py, level.resolution) + values[1]);
  const float warped[4] = {sample.x, sample.y, sample.z, sample.w};
  float blended[4];
  for (int i = 0; i < 4; ++i) blended[i] = warped[i] + values[2] * (values[3 + i] - warped[i]);
  const Planes planes(level, px, py);
  planes.write<4>(level.blended, blended);
  planes.write<4>(level.warped, warped);
  planes.write<4>(level.direct, values + 3);
  planes.write<1>(level.alpha, values + 2);
  planes.write<2>(level.flow, values);
}

#if OUTPUT == 0
/// One tile of pixels through all layers, by one warp.
__device__ __forceinline__ void draw_tile(const SirenLevel& level, const Block& block, const Shared& shared,
                                          uint4* kept, Weights& weights) {
  const Lane lane;
  WriteMap write{};
#pragma unroll
  for (int i = 0; i < kPixels; ++i) {
    const int px = block.x + i / 2, py = block.y + i % 2;
    const size_t cell = (static_cast<size_t>(blockIdx.y) * level.resolution + py) * level.resolution + px;
    write.cells[i] =
        block.has(px, py) ? level.results + cell * level.result_stride + 4 * lane.column : nullptr;
  }
  start(level, block, shared.first, Keep{kept});
  run_layers<1>(kept, shared.biases, weights, 0, write);
}
#else
/// One tile of pixels through all layers, by one warp.
__device__ __forceinline__ void draw_tile(const SirenLevel& level, const Block& block, const Shared& shared,
                                          uint4* kept, Weights& weights) {
  static_assert(kResults <= 8, "one group of outputs");
  const Lane lane;
  const float2 bias = *reinterpret_cast<const float2*>(level.result_biases + 2 * lane.column);
  float sums[kBlockWidth][4];
#pragma unroll
  for (int m = 0; m < kBlockWidth; ++m) {
    sums[m][0] = sums[m][2] = bias.x;
    sums[m][1] = sums[m][3] = bias.y;
  }
  const AddToResults add{shared.results + threadIdx.x % 32, sums};
  if constexpr (kSineLayers == 1) {
    start(level, block, shared.first, add);
  } else {
    start(level, block, shared.first, Keep{kept});
    run_layers<1>(kept, shared.biases, weights, 0, add);
  }
  float pairs[kPixels][2], results[8];
#pragma unroll
  for (int i = 0; i < kPixels; ++i) {
    pairs[i][0] = sums[i / 2][i % 2 * 2];
    pairs[i][1] = sums[i / 2][i % 2 * 2 + 1];
  }
  gather(pairs, lane, results);
  const int px = block.x + lane.column / 2, py = block.y + lane.column % 2;
  if (lane.column >= kPixels || !block.has(px, py)) return;
  if (OUTPUT == 2) {
    write_body(level, px, py, results);
  } else {
    write_colors(level, px, py, results);
  }
}
#endif

extern "C" __global__ void __launch_bounds__(kThreads, 1) siren_level(const SirenLevel level) {
  extern __shared__ uint4 shared_memory[];
  const Shared shared(shared_memory);

  // Blocks of pixels begin at odd positions where those between the same cells do.
  const int first_x = SHARES_CELLS && kBlockWidth == 2 ? (level.x + 1) / 2 * 2 - 1 : level.x;
  const int first_y = SHARES_CELLS ? (level.y + 1) / 2 * 2 - 1 : level.y;
  const int across = (level.x + level.width - first_x + kBlockWidth - 1) / kBlockWidth;
  const int down = (level.y + level.height - first_y + 1) / 2;
  const int tiles = (across * down + kBlocksOfWarp - 1) / kBlocksOfWarp;
  const int rounds = (tiles + kWarps * gridDim.x - 1) / (kWarps * gridDim.x);

  Weights weights(level.weights, shared.chunks, rounds);
  load_constants(level, shared);
  weights.wait_for_all();
  const Lane lane;
  const int warp = threadIdx.x / 32;
  uint4* const kept = shared.kept + warp * kBlockWidth * KEPT_STEPS * 32 + threadIdx.x % 32;
  for (int round = 0; round < rounds; ++round) {
    // Tiles are dealt out to multiprocessors one by one, so that each has as many as any other.
    const int tile = (round * kWarps + warp) * gridDim.x + blockIdx.x;
    if (kStages == 0 && tile >= tiles) break;  // else all threads have to wait for weights together
    const int own = min(tile * kBlocksOfWarp + lane.row, across * down - 1);
    draw_tile(level, Block(level, own, across, first_x, first_y), shared, kept, weights);
  }
}
