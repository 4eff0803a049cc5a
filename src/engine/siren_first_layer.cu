// Which pixels a thread has, and the first layer of a SIREN at them.

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
      : map_(level.map +
             static_cast<size_t>(blockIdx.y) * level.map_size * level.map_size * level.map_stride),
        right_(level.map_stride),
        below_(level.map_size * level.map_stride) {
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

  __device__ static float mix(float a, float b, float share) {
    return a + share * (b - a);
  }
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
                                      Give& give) {
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
