// The kernel: one level of a SIREN, see siren_level_settings.cu.

/// The parts of shared memory, in their order.
struct Shared {
  __device__ explicit Shared(uint4* begin)
      : first(reinterpret_cast<float*>(begin)),
        biases(first + 3 * kFirstPadded),
        results(reinterpret_cast<uint4*>(biases + BIASES)),
        kept(results + (kIsMap ? 0 : kLastSteps * 32)),
        map(kept + kWarps * kBlockWidth * KEPT_STEPS * 32),
        chunks(map + kMapBytes / 16) {}

  float* first;    // [3][padded]: of x, of y, and biases with the pose's term
  float* biases;   // of the other layers
  uint4* results;  // [step][lane]: weights of the results that make up pixels
  uint4* kept;     // sines: 512 bytes for 16 of 16 pixels
  uint4* map;      // cells of the map, of each team
  uint4* chunks;   // of weights
};

/// Everything at once: each wait for memory would be as long as a tenth of a level.
__device__ void load_constants(const SirenLevel& level, const Shared& shared, Weights& weights) {
  weights.copy_constants(shared.first, level.first, 2 * kFirstPadded * sizeof(float));
  weights.copy_constants(shared.biases, level.biases, BIASES * sizeof(float));
  if constexpr (!kIsMap) weights.copy_constants(shared.results, level.result_weights, kLastSteps * 512);
  const auto fold = [&](const float* pose) {
    for (int i = threadIdx.x; i < kFirstPadded; i += kThreads) {
      float of_pose[POSE_SIZE];
#pragma unroll
      for (int j = 0; j < POSE_SIZE; ++j) of_pose[j] = __ldg(level.of_pose + j * kFirstPadded + i);
      float sum = level.first[2 * kFirstPadded + i];
#pragma unroll
      for (int j = 0; j < POSE_SIZE; ++j) sum += pose[j] * of_pose[j];
      shared.first[2 * kFirstPadded + i] = sum;
    }
  };
  if (level.poses == nullptr) {
    fold(level.pose);
  } else {
    fold(level.poses + static_cast<size_t>(blockIdx.y) * level.pose_stride);
  }
}

#if OUTPUT == 0
/// One tile of pixels through all layers, by one warp. Calls next() when the first layer is done.
template <class Next>
__device__ __forceinline__ void draw_tile(const SirenLevel& level, const Block& block, const Shared& shared,
                                          Sines& sines, Weights& weights, const MapTile& map_tile,
                                          const Next& next) {
  const Lane lane;
  WriteMap write{};
#pragma unroll
  for (int i = 0; i < kPixels; ++i) {
    const int px = block.x + i / 2, py = block.y + i % 2;
    const size_t cell = (static_cast<size_t>(blockIdx.y) * level.resolution + py) * level.resolution + px;
    write.cells[i] =
        block.has(px, py) ? level.results + cell * level.result_stride + 4 * lane.column : nullptr;
  }
  start(level, block, shared.first, map_tile, sines);
  next();
  run_layers<1>(sines, shared.biases, weights, 0, write);
}
#else
/// One tile of pixels through all layers, by one warp. Calls next() when the first layer is done.
template <class Next>
__device__ __forceinline__ void draw_tile(const SirenLevel& level, const Block& block, const Shared& shared,
                                          Sines& sines, Weights& weights, const MapTile& map_tile,
                                          const Next& next) {
  static_assert(kResults <= 8, "one group of outputs");
  const Lane lane;
  const float2 bias = *reinterpret_cast<const float2*>(level.result_biases + 2 * lane.column);
  float sums[kBlockWidth][kResultSums][4] = {};
#pragma unroll
  for (int m = 0; m < kBlockWidth; ++m) {
    sums[m][0][0] = sums[m][0][2] = bias.x;
    sums[m][0][1] = sums[m][0][3] = bias.y;
  }
  const AddToResults add{shared.results + threadIdx.x % 32, sums};
  if constexpr (kSineLayers == 1) {
    start(level, block, shared.first, map_tile, add);
    next();
  } else {
    start(level, block, shared.first, map_tile, sines);
    next();
    run_layers<1>(sines, shared.biases, weights, 0, add);
  }
  float pairs[kPixels][2], results[8];
#pragma unroll
  for (int i = 0; i < kPixels; ++i) {
#pragma unroll
    for (int k = 1; k < kResultSums; ++k) {
      sums[i / 2][0][i % 2 * 2] += sums[i / 2][k][i % 2 * 2];
      sums[i / 2][0][i % 2 * 2 + 1] += sums[i / 2][k][i % 2 * 2 + 1];
    }
    pairs[i][0] = sums[i / 2][0][i % 2 * 2];
    pairs[i][1] = sums[i / 2][0][i % 2 * 2 + 1];
  }
  gather(pairs, lane, results);
  const int px = block.x + lane.column / 2, py = block.y + lane.column % 2;
  if (lane.column >= kPixels || !block.has(px, py)) return;
  if (OUTPUT == 2) {
    write_body(level.body, px, py, results);
  } else if (OUTPUT == 3) {
    write_frame(level.body, px, py, results);
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
  // Tiles of a team lie in one row where they have cells of the map together, or else follow each other.
  const int across_tiles = (across + kBlocksOfTeam - 1) / kBlocksOfTeam;
  const int tiles = MAP_COLUMNS ? across_tiles * down : (across * down + kBlocksOfTeam - 1) / kBlocksOfTeam;
  const int rounds = (tiles + kTeams * gridDim.x - 1) / (kTeams * gridDim.x);

  let_next_launch_begin();
  Weights weights(level.weights, shared.chunks, rounds);
  MapTile map_tile(level, shared.map);
  if (level.poses != nullptr) wait_for_last_launch();
  load_constants(level, shared, weights);
  weights.wait_for_all();
  wait_for_last_launch();
  const Lane lane;
  const int warp = threadIdx.x / 32;
  const auto place_of = [&](int tile) {
    return Tile{first_x + tile % across_tiles * kTileWidth, first_y + tile / across_tiles * 2};
  };
  // Tiles are dealt out to multiprocessors one by one, so that each has as many as any other.
  const int first_tile = warp / kTeamWarps * gridDim.x + blockIdx.x, step = kTeams * gridDim.x;
  if (first_tile < tiles) map_tile.fetch(place_of(first_tile));
  Sines sines(shared.kept);
  for (int round = 0; round < rounds; ++round) {
    const int tile = first_tile + round * step;
    if (kStages == 0 && tile >= tiles) break;
    int left, top;
    if (MAP_COLUMNS) {
      const Tile place = place_of(tile);
      map_tile.take(place);
      left = place.x + warp % kTeamWarps * kBlocksOfWarp + lane.row;
      top = place.y;
    } else {
      static_assert(!MAP_COLUMNS || kStages == 0, "no tile without cells");
      const int own = tile * kBlocksOfTeam + warp % kTeamWarps * kBlocksOfWarp + lane.row;
      const int last = min(own, across * down - 1);  // all threads have to wait for weights together
      left = first_x + last % across * kBlockWidth;
      top = first_y + last / across * 2;
    }
    draw_tile(level, Block(level, left, top), shared, sines, weights, map_tile, [&] {
      map_tile.release();
      if (tile + step < tiles) map_tile.fetch(place_of(tile + step));
    });
  }
  weights.wait_for_rest();
}
