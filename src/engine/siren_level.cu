// The kernel: one level of a SIREN, see siren_level_settings.cu.

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
  uint4* kept;     // sines: 512 bytes for 16 of 16 pixels
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

#if OUTPUT == 0
/// One tile of pixels through all layers, by one warp.
__device__ __forceinline__ void draw_tile(const SirenLevel& level, const Block& block, const Shared& shared,
                                          Sines& sines, Weights& weights) {
  const Lane lane;
  WriteMap write{};
#pragma unroll
  for (int i = 0; i < kPixels; ++i) {
    const int px = block.x + i / 2, py = block.y + i % 2;
    const size_t cell = (static_cast<size_t>(blockIdx.y) * level.resolution + py) * level.resolution + px;
    write.cells[i] =
        block.has(px, py) ? level.results + cell * level.result_stride + 4 * lane.column : nullptr;
  }
  start(level, block, shared.first, sines);
  run_layers<1>(sines, shared.biases, weights, 0, write);
}
#else
/// One tile of pixels through all layers, by one warp.
__device__ __forceinline__ void draw_tile(const SirenLevel& level, const Block& block, const Shared& shared,
                                          Sines& sines, Weights& weights) {
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
    start(level, block, shared.first, sines);
    run_layers<1>(sines, shared.biases, weights, 0, add);
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
  const int tiles = (across * down + kBlocksOfTeam - 1) / kBlocksOfTeam;
  const int rounds = (tiles + kTeams * gridDim.x - 1) / (kTeams * gridDim.x);

  let_next_launch_begin();
  Weights weights(level.weights, shared.chunks, rounds);
  if (level.poses != nullptr) wait_for_last_launch();
  load_constants(level, shared);
  weights.wait_for_all();
  wait_for_last_launch();
  const Lane lane;
  const int warp = threadIdx.x / 32;
  Sines sines(shared.kept);
  for (int round = 0; round < rounds; ++round) {
    // Tiles are dealt out to multiprocessors one by one, so that each has as many as any other.
    const int tile = (round * kTeams + warp / kTeamWarps) * gridDim.x + blockIdx.x;
    if (kStages == 0 && tile >= tiles) break;  // else all threads have to wait for weights together
    const int own = tile * kBlocksOfTeam + warp % kTeamWarps * kBlocksOfWarp + lane.row;
    const Block block(level, min(own, across * down - 1), across, first_x, first_y);
    draw_tile(level, block, shared, sines, weights);
  }
  weights.wait_for_rest();
}
