// Which pixels a thread has, and the first layer of a SIREN at them.

/// A position on one axis of a map.
struct Cell {
  int index;       // the cell before it
  float fraction;  // of the cell behind that
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
  __device__ Block(const SirenLevel& level, int left, int top)
      : x(left),
        y(top),
        begin_x(level.x),
        begin_y(level.y),
        end_x(level.x + level.width),
        end_y(level.y + level.height) {}
  __device__ bool has(int px, int py) const {
    return px >= begin_x && px < end_x && py >= begin_y && py < end_y;
  }
  int x, y, begin_x, begin_y, end_x, end_y;
};

/// Where a team's tile begins.
struct Tile {
  int x, y;
};

#if MAP_COLUMNS
/// The cells that a team's tile is sampled from, those of two rows, in shared memory, where they arrive while
/// the tile before is drawn.
class MapTile {
 public:
  static constexpr int kCellBytes = MAP_STRIDE * sizeof(float), kRowBytes = MAP_COLUMNS * kCellBytes;

  /// \param room  of the thread block: the cells of all teams, and their barriers behind them
  __device__ MapTile(const SirenLevel& level, uint4* room)
      : level_(level),
        axis_(level.resolution, level.map_size),
        cells_(shared_address(room) + team() * 2 * kRowBytes),
        barrier_(shared_address(room) + kTeams * 2 * kRowBytes + team() * 16) {
    if (threadIdx.x % kTeamThreads != 0) return;
    make_barrier(barrier_, 1);
    publish_shared_memory();
  }

  /// Asks for the cells of a tile.
  __device__ void fetch(const Tile& tile) const {
    if (threadIdx.x % kTeamThreads != 0) return;
    const int column = cell_before(tile.x), columns = cell_before(tile.x + kTileWidth - 1) + 2 - column;
    const size_t row = static_cast<size_t>(blockIdx.y) * level_.map_size + cell_before(tile.y);
    const float* const from = level_.map + (row * level_.map_size + column) * MAP_STRIDE;
    expect(barrier_, 2 * columns * kCellBytes);
    copy_to_shared(cells_, from, columns * kCellBytes, barrier_);
    copy_to_shared(cells_ + kRowBytes, from + level_.map_size * MAP_STRIDE, columns * kCellBytes, barrier_);
  }

  /// Waits for the cells of \p tile, which were asked for last.
  __device__ void take(const Tile& tile) {
    wait(barrier_, phase_);
    phase_ ^= 1;
    column_ = cell_before(tile.x);
  }

  /// When no thread of the team needs them any longer.
  __device__ void release() const {
    asm volatile("bar.sync %0, %1;" ::"r"(1 + team()), "n"(kTeamThreads) : "memory");
  }

  /// Where the cell \p column of the upper row lies.
  __device__ unsigned place(int column) const { return cells_ + (column - column_) * kCellBytes; }

 private:
  static constexpr int kTeamThreads = 32 * kTeamWarps;

  __device__ static int team() { return threadIdx.x / kTeamThreads; }
  __device__ int cell_before(int pixel) const { return axis_.cell(pixel, pixel).index; }

  const SirenLevel& level_;
  Axis axis_;
  unsigned cells_, barrier_, phase_ = 0;
  int column_ = 0;
};
#else
/// None: a map's cells are read where they are.
struct MapTile {
  __device__ MapTile(const SirenLevel&, uint4*) {}
  __device__ void fetch(const Tile&) const {}
  __device__ void take(const Tile&) {}
  __device__ void release() const {}
};
#endif

/// Four numbers of each of four cells.
struct Corners {
  float4 of[4];
};

#if MAP_COLUMNS
/// Cells in shared memory.
struct MapCells {
  __device__ MapCells(const SirenLevel&, const MapTile& map_tile) : tile(map_tile) {}
  __device__ static float4 load(unsigned place) {
    float4 values;
    asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
                 : "=f"(values.x), "=f"(values.y), "=f"(values.z), "=f"(values.w)
                 : "r"(place));
    return values;
  }
  __device__ Corners corners(int column, int, int place) const {
    const unsigned cell = tile.place(column) + place * sizeof(float);
    constexpr int kRight = MapTile::kCellBytes, kBelow = MapTile::kRowBytes;
    return {{load(cell), load(cell + kRight), load(cell + kBelow), load(cell + kBelow + kRight)}};
  }
  const MapTile& tile;
};
#else
/// Cells where the level before has written them.
struct MapCells {
  __device__ MapCells(const SirenLevel& level, const MapTile&)
      : map(level.map + static_cast<size_t>(blockIdx.y) * level.map_size * level.map_size * level.map_stride),
        right(level.map_stride),
        below(level.map_size * level.map_stride) {}
  __device__ Corners corners(int column, int row, int place) const {
    const float* const cell = map + row * below + column * right + place;
    const auto load = [](const float* from) { return __ldg(reinterpret_cast<const float4*>(from)); };
    return {{load(cell), load(cell + right), load(cell + below), load(cell + below + right)}};
  }
  const float* map;
  int right, below;
};
#endif

/// Bilinear samples of a map at the pixels of a block.
class MapSampler {
 public:
  __device__ MapSampler(const SirenLevel& level, const Block& block, const MapTile& tile)
      : cells_(level, tile) {
    const Axis axis(level.resolution, level.map_size);
#pragma unroll
    for (int i = 0; i < kBlockWidth; ++i)
      columns_[i] = axis.cell(block.x + i, block.x + (SHARES_CELLS ? 0 : i));
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
      if (!SHARES_CELLS || i == 0) corners = cells_.corners(column.index, row.index, place);
      const float4 above = mix(corners.of[0], corners.of[1], column.fraction);
      const float4 under = mix(corners.of[2], corners.of[3], column.fraction);
      const float4 sample = mix(above, under, row.fraction);
      float(&of)[2][4] = outputs[i / 2].of;
      const int half = i % 2 * 2;
      of[0][half] += sample.x;
      of[0][half + 1] += sample.y;
      of[1][half] += sample.z;
      of[1][half + 1] += sample.w;
    }
  }

 private:
  __device__ static float mix(float a, float b, float fraction) {
    return a + fraction * (b - a);
  }
  __device__ static float4 mix(const float4& a, const float4& b, float fraction) {
    return {mix(a.x, b.x, fraction), mix(a.y, b.y, fraction), mix(a.z, b.z, fraction),
            mix(a.w, b.w, fraction)};
  }

  MapCells cells_;
  Cell columns_[kBlockWidth];
  Cell rows_[2];
};

/// The first layer: of positions, the pose and the map. Calls give(step, m, outputs).
template <class Give>
__device__ __forceinline__ void start(const SirenLevel& level, const Block& block, const float* first,
                                      const MapTile& map_tile, Give& give) {
  float x[kBlockWidth], y[2];
#pragma unroll
  for (int i = 0; i < kBlockWidth; ++i) x[i] = centre_of(block.x + i, level.resolution);
#pragma unroll
  for (int i = 0; i < 2; ++i) y[i] = centre_of(block.y + i, level.resolution);
#if HAS_MAP
  const MapSampler sampler(level, block, map_tile);
#endif
  const Lane lane;
  // Several steps at a time, whose cells are on their way together.
#pragma unroll kFirstUnrolled
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
