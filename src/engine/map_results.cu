// Where the results of a convolution of maps go.

/// A thread's eight outputs, of pixels of the tile.
class Writer {
 public:
  static constexpr int kVectorsOfOutputs = OUTPUTS / 8, kPixelsAtOnce = kThreads / kVectorsOfOutputs;

  __device__ Writer(const MapConvolution& work, const Place& place)
      : work_(work),
        place_(place),
        column_(threadIdx.x % kVectorsOfOutputs * 8),
        channel_(place.first_output + column_) {
#pragma unroll
    for (int i = 0; i < 8; ++i) biases_[i] = work.biases[channel_ + i];
  }

  /// Writes what is this thread block's of the tile. \param staged  this thread block's share of its sums
  __device__ void write(const float* staged) {
    constexpr int kPixels = kTilePixels / SPLITS;
    const int first = place_.split * kPixels;
#pragma unroll 4
    for (int i = threadIdx.x / kVectorsOfOutputs; i < kPixels; i += kPixelsAtOnce) {
      const int pixel = first + i, block = pixel / 64;
      int y = place_.y + block / kColumns * 8 + pixel / 8 % 8,
          x = place_.x + block % kColumns * 8 + pixel % 8;
      if (y >= work_.result_height || x >= work_.result_width) continue;
      if (TAPS == 4) {
        y = 2 * y + place_.kind / 2;
        x = 2 * x + place_.kind % 2;
      }
      write_pixel(y, x, staged + pixel * kStagedWidth + column_);
    }
  }

  /// Adds the sums of what was written to those of the map. \param room  of the thread block
  __device__ void add_sums(float* room) const {
    if (work_.to_sums == nullptr) return;
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      float sum = sums_[i], square = squares_[i];
#pragma unroll
      for (int distance = kVectorsOfOutputs; distance < 32; distance *= 2) {
        sum += __shfl_xor_sync(0xffffffff, sum, distance);
        square += __shfl_xor_sync(0xffffffff, square, distance);
      }
      if (lane < kVectorsOfOutputs) {
        room[(warp * OUTPUTS + column_ + i) * 2] = sum;
        room[(warp * OUTPUTS + column_ + i) * 2 + 1] = square;
      }
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 2 * OUTPUTS; i += kThreads) {
      if (place_.first_output + i / 2 >= work_.to_channels) break;
      float sum = 0;
#pragma unroll
      for (int other = 0; other < kThreads / 32; ++other) sum += room[other * 2 * OUTPUTS + i];
      const size_t first = static_cast<size_t>(place_.image) * work_.to_channels + place_.first_output;
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
  int column_, channel_;
  float biases_[8];
  float sums_[8] = {}, squares_[8] = {};
};

#if SPLITS > 1
extern "C" __global__ void __cluster_dims__(SPLITS, 1, 1) __launch_bounds__(kThreads, MIN_BLOCKS)
#else
extern "C" __global__ void __launch_bounds__(kThreads, MIN_BLOCKS)
#endif
    convolve(const __grid_constant__ MapConvolution work) {
  const Place place(work);
  const Inputs inputs(work, place);
  const unsigned patches = shared_address(shared_memory), slots = patches + 2 * kPatchBytes;
  float* const staged = reinterpret_cast<float*>(shared_memory);
  float2* const lines = reinterpret_cast<float2*>(shared_memory + kBigBytes / 16);
  let_next_launch_begin();
  for (int step = 0; step < SLOTS - 2; ++step) inputs.copy_weights(step, slots);
  wait_for_last_launch();
  Patch patch(work, place);
  patch.fetch(inputs[0]);
  make_lines(work, place, inputs, lines, lines + work.from[0].channels + work.from[1].channels);
  patch.store(patches, lines);
  float sums[BLOCKS][OUTPUTS / 2] = {};
  int step = 0;
  for (int chunk = 0; chunk < inputs.count(); ++chunk) {
    const bool is_last = chunk + 1 == inputs.count(), is_skipped = inputs.is_skipped(chunk);
    const int groups = is_skipped ? 1 : kTapGroups;
    if (!is_last) patch.fetch(inputs[chunk + 1]);
    const unsigned of_chunk = patches + chunk % 2 * kPatchBytes;
    for (int group = 0; group < groups; ++group, ++step) {
      wait_for_copies<SLOTS - 3>();
      __syncthreads();
      const unsigned weights = slots + step % SLOTS * kSlotBytes;
      if (is_skipped) {
        multiply<1>(sums, of_chunk, weights, TAPS == 9 ? kPatchWidth + 1 : 0);
      } else {
        multiply<kTapsAtOnce>(sums, of_chunk, weights, group * kPatchWidth);
      }
      inputs.copy_weights(step + SLOTS - 2, slots);
    }
    if (!is_last) patch.store(patches + (chunk + 1) % 2 * kPatchBytes, lines);
  }
  wait_for_copies<0>();
  __syncthreads();
  stage(sums, staged);
  wait_for_cluster();
  Writer writer(work, place);
  writer.write(staged);
  writer.add_sums(reinterpret_cast<float*>(lines));
  if (SPLITS > 1) wait_for_cluster();  // until nobody needs this thread block's sums
}
