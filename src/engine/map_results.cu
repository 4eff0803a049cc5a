// Where the results of a convolution of maps go.

// Thread blocks that share the inputs of a tile (compute capability 9.0): a cluster.

#if SPLITS > 1
/// Waits for all threads of the cluster, whose shared memory can then be read.
__device__ __forceinline__ void wait_for_cluster() {
  asm volatile(
      "barrier.cluster.arrive.release.aligned;\n"
      "barrier.cluster.wait.acquire.aligned;" ::
          : "memory");
}

/// What the thread block \p rank of the cluster has at \p place.
__device__ __forceinline__ float4 load_of_block(int rank, const float* place) {
  float4 values;
  asm volatile(
      "{.reg .u32 there;\n"
      "mapa.shared::cluster.u32 there, %4, %5;\n"
      "ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [there];}"
      : "=f"(values.x), "=f"(values.y), "=f"(values.z), "=f"(values.w)
      : "r"(shared_address(place)), "r"(rank)
      : "memory");
  return values;
}
#else
__device__ __forceinline__ void wait_for_cluster() {
  __syncthreads();
}
__device__ __forceinline__ float4 load_of_block(int, const float* place) {
  return *reinterpret_cast<const float4*>(place);
}
#endif

/// Adds to a whole number that other thread blocks add to as well.
__device__ __forceinline__ void add_whole(long long* to, float value) {
  atomicAdd(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(__float2ll_rn(value)));
}

// Threads that write together: all, or a team's.
constexpr int kWriters = LOADERS == 0 ? kThreads : 128;

__device__ __forceinline__ void wait_for_writers() {
  if (LOADERS == 0) {
    __syncthreads();
  } else {
    wait_for_threads(1 + threadIdx.x / 128, kWriters);
  }
}

/// Puts a team's sums of 64 pixels where other threads read them: [pixels][outputs].
/// \param sums  of kStagedOutputs outputs
__device__ __forceinline__ void stage(const float* sums, float* staged) {
  const int row = threadIdx.x / 32 % 4 * 16 + threadIdx.x % 32 / 4;
  float* const of_thread = staged + row * kStagedWidth + threadIdx.x % 4 * 2;
#pragma unroll
  for (int i = 0; i < kStagedOutputs / 8; ++i) {
    float* const place = of_thread + 8 * i;
    *reinterpret_cast<float2*>(place) = {sums[4 * i], sums[4 * i + 1]};
    *reinterpret_cast<float2*>(place + 8 * kStagedWidth) = {sums[4 * i + 2], sums[4 * i + 3]};
  }
}

/// A thread's eight outputs of those that are staged, of pixels of the tile.
class Writer {
 public:
  static constexpr int kVectorsOfOutputs = kStagedOutputs / 8, kPixelsAtOnce = kWriters / kVectorsOfOutputs;

  /// \param first  of the outputs
  __device__ Writer(const MapConvolution& work, const Place& place, int first)
      : work_(work),
        place_(place),
        column_(threadIdx.x % kVectorsOfOutputs * 8),
        first_(first),
        channel_(first + column_) {
#pragma unroll
    for (int i = 0; i < 8; ++i) biases_[i] = work.biases[channel_ + i];
  }

  /// Writes \p Pixels pixels of the tile.
  /// \param staged  this thread block's sums of them
  template <int Pixels>
  __device__ void write(const float* staged, int first) {
#pragma unroll 4
    for (int i = threadIdx.x % kWriters / kVectorsOfOutputs; i < Pixels; i += kPixelsAtOnce) {
      const int pixel = first + i, block = pixel / 64;
      int y = place_.y + block / kColumns * 8 + pixel / 8 % 8,
          x = place_.x + block % kColumns * 8 + pixel % 8;
      if (y >= work_.result_height || x >= work_.result_width) continue;
      if (TAPS == 4) {
        y = 2 * y + place_.kind / 2;
        x = 2 * x + place_.kind % 2;
      }
      write_pixel(y, x, staged + i * kStagedWidth + column_);
    }
  }

  /// Adds the sums of what was written to those of the map.
  /// \param room  of the writers
  __device__ void add_sums(float* room) const {
    if (work_.to_sums == nullptr) return;
    const int warp = threadIdx.x % kWriters / 32, lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      float sum = sums_[i], square = squares_[i];
#pragma unroll
      for (int distance = kVectorsOfOutputs; distance < 32; distance *= 2) {
        sum += __shfl_xor_sync(0xffffffff, sum, distance);
        square += __shfl_xor_sync(0xffffffff, square, distance);
      }
      if (lane < kVectorsOfOutputs) {
        room[(warp * kStagedOutputs + column_ + i) * 2] = sum;
        room[(warp * kStagedOutputs + column_ + i) * 2 + 1] = square;
      }
    }
    wait_for_writers();
    for (int i = threadIdx.x % kWriters; i < 2 * kStagedOutputs; i += kWriters) {
      if (first_ + i / 2 >= work_.to_channels) break;
      float sum = 0;
#pragma unroll
      for (int other = 0; other < kWriters / 32; ++other) sum += room[other * 2 * kStagedOutputs + i];
      const size_t first = static_cast<size_t>(place_.image) * work_.to_channels + first_;
      add_whole(work_.to_sums + first * 2 + i, sum * (i % 2 == 0 ? kSumScale : kSquareScale));
    }
  }

 private:
  __device__ __forceinline__ void write_pixel(int y, int x, const float* staged) {
    Results results;
#pragma unroll
    for (int i = 0; i < 8; ++i) results.of[i] = biases_[i];
#pragma unroll
    for (int rank = 0; rank < SPLITS; ++rank) {
#pragma unroll
      for (int i = 0; i < 8; i += 4) {
        const float4 sums = load_of_block(rank, staged + i);
        results.of[i] += sums.x;
        results.of[i + 1] += sums.y;
        results.of[i + 2] += sums.z;
        results.of[i + 3] += sums.w;
      }
    }
    constexpr int kFactor = TAPS == 4 ? 2 : 1;
    const int height = work_.result_height * kFactor, width = work_.result_width * kFactor;
    add_other(results, y, x, height, width);
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      sums_[i] += results.of[i];
      squares_[i] += results.of[i] * results.of[i];
    }
    if (channel_ >= work_.to_channels) return;
    const size_t pixel = (static_cast<size_t>(place_.image) * height + y) * width + x;
    const size_t place = (pixel * work_.to_channels + channel_) / 8;
    if (work_.to != nullptr) static_cast<uint4*>(work_.to)[place] = results.packed();
    if (work_.floats != nullptr) {
      float4* const floats = reinterpret_cast<float4*>(work_.floats) + 2 * place;
      floats[0] = {results.of[0], results.of[1], results.of[2], results.of[3]};
      floats[1] = {results.of[4], results.of[5], results.of[6], results.of[7]};
    }
  }

  /// The map that is added, at a pixel of the results.
  __device__ __forceinline__ void add_other(Results& results, int y, int x, int height, int width) const {
    if (work_.addition == MapAddition::none) return;
    if (work_.addition == MapAddition::halved) {
      const int first = 4 * height * width * place_.image + 4 * y * width + 2 * x;
      results.add(added_at(first), 0.25f);
      results.add(added_at(first + 1), 0.25f);
      results.add(added_at(first + 2 * width), 0.25f);
      results.add(added_at(first + 2 * width + 1), 0.25f);
    } else if (work_.addition == MapAddition::doubled) {
      results.add(added_at((place_.image * (height / 2) + y / 2) * (width / 2) + x / 2), 1);
    } else {
      results.add(added_at((place_.image * height + y) * width + x), 1);
    }
  }
  __device__ __forceinline__ uint4 added_at(int pixel) const {
    return static_cast<const uint4*>(
        work_.added)[(static_cast<size_t>(pixel) * work_.to_channels + channel_) / 8];
  }

  const MapConvolution& work_;
  const Place& place_;
  int column_, first_, channel_;
  float biases_[8];
  float sums_[8] = {}, squares_[8] = {};
};
