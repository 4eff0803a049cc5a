// A convolution of maps by warps, all of which load, multiply and write: see map_inputs.cu.

constexpr int kTilePixels = 64 * kBlocks;
constexpr int kPipelineBytes = 2 * kPatchBytes + SLOTS * kSlotBytes;
constexpr int kStagedBytes = kTilePixels * kStagedWidth * 4;
constexpr int kBigBytes = kPipelineBytes > kStagedBytes ? kPipelineBytes : kStagedBytes;

/// Begins the copy of the weights of a step.
__device__ __forceinline__ void copy_weights(const Inputs& inputs, int step, unsigned slots) {
  if (step < inputs.steps()) {
    const StepWeights weights = inputs.weights_of(step);
    constexpr int kPiece = kWeightPiece / 16;
    const unsigned slot = slots + step % SLOTS * kSlotBytes;
    for (int i = threadIdx.x; i < weights.pieces * kPiece; i += kThreads) {
      copy_to_shared(slot + i * 16, weights.piece(i / kPiece) + i % kPiece);
    }
  }
  end_copies();
}

/// Products of Taps places beside each other.
template <int Taps>
__device__ __forceinline__ void multiply(float (&sums)[BLOCKS][OUTPUTS / 2], unsigned patch, unsigned weights,
                                         int tap) {
  const int team = threadIdx.x / 128;
#pragma unroll
  for (int i = 0; i < Taps; ++i) {
#pragma unroll
    for (int step = 0; step < STEP / 16; ++step) {
      unsigned pixels[BLOCKS];
#pragma unroll
      for (int m = 0; m < BLOCKS; ++m) {
        const int block = team * BLOCKS + m;
        const int first = block / kColumns * 8 * kPatchWidth + block % kColumns * 8;
        pixels[m] = patch + (2 * step * kPlane + first + tap + i) * 16;
      }
      multiply_add(sums, pixels, weights + (i * (STEP / 16) + step) * OUTPUTS * 32, kPatchWidth, kPlane);
    }
  }
}

#if SPLITS > 1
extern "C" __global__ void __cluster_dims__(SPLITS, 1, 1) __launch_bounds__(kThreads, MIN_BLOCKS)
#else
extern "C" __global__ void __launch_bounds__(kThreads, MIN_BLOCKS)
#endif
    convolve(const __grid_constant__ MapConvolution work) {
  const Place place(work, blockIdx.x, blockIdx.y * OUTPUTS);
  const Inputs inputs(work, place);
  const unsigned patches = shared_address(shared_memory), slots = patches + 2 * kPatchBytes;
  float* const staged = reinterpret_cast<float*>(shared_memory);
  float2* const lines = reinterpret_cast<float2*>(shared_memory + kBigBytes / 16);
  let_next_launch_begin();
  for (int step = 0; step < SLOTS - 2; ++step) copy_weights(inputs, step, slots);
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
      copy_weights(inputs, step + SLOTS - 2, slots);
    }
    if (!is_last) patch.store(patches + (chunk + 1) % 2 * kPatchBytes, lines);
  }
  wait_for_copies<0>();
  __syncthreads();
  const int first_block = threadIdx.x / 128 * BLOCKS;
#pragma unroll
  for (int m = 0; m < BLOCKS; ++m) stage(sums[m], staged + (first_block + m) * 64 * kStagedWidth);
  wait_for_cluster();
  Writer writer(work, place, place.first_output);
  constexpr int kOwnPixels = kTilePixels / SPLITS;
  writer.write<kOwnPixels>(staged + place.split * kOwnPixels * kStagedWidth, place.split * kOwnPixels);
  writer.add_sums(reinterpret_cast<float*>(lines));
  if (SPLITS > 1) wait_for_cluster();  // until nobody needs this thread block's sums
}
