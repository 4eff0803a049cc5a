// From positions and poses to a level's results. The sines' arguments are kept for the way back. Besides
// those of siren_chain.cu, macros are:
//   HAS_MAP   whether the first layer adds samples of a map
//   IS_LAST   whether results are a pixel's few numbers, not a map

constexpr int kFirst = 16 * kSteps[0];

/// The biases of all layers after the first, each padded to whole steps.
__device__ constexpr int bias_offset(int layer) {
  int offset = 0;
  for (int i = 1; i < layer; ++i) offset += 16 * kSteps[i];
  return offset;
}
constexpr int kBiases = bias_offset(kSineLayers) + 16 * kResultSteps;

/// Writes the arguments of four sines of each of the thread's two pixels, and gives their sines.
__device__ __forceinline__ uint4 sines_of(const Outputs& sums, unsigned short* first,
                                          unsigned short* second) {
  float angles[2][4], sines[2][4];
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    angles[i / 4][i % 4] = within_a_turn(sums.of[i / 4][i % 4]);
    sines[i / 4][i % 4] = __sinf(angles[i / 4][i % 4]);
  }
  *reinterpret_cast<uint2*>(first) = {pack_half(angles[0][0], angles[0][1]),
                                      pack_half(angles[1][0], angles[1][1])};
  *reinterpret_cast<uint2*>(second) = {pack_half(angles[0][2], angles[0][3]),
                                       pack_half(angles[1][2], angles[1][3])};
  return {pack_half(sines[0][0], sines[0][1]), pack_half(sines[0][2], sines[0][3]),
          pack_half(sines[1][0], sines[1][1]), pack_half(sines[1][2], sines[1][3])};
}

struct ToSines {
  using Loaded = Nothing;
  uint4* kept;
  const float* biases;        // at the thread's column
  unsigned short* arguments;  // of the thread's first pixel, at its column
  int stride;

  __device__ __forceinline__ float4 begin(int step) const {
    return *reinterpret_cast<const float4*>(biases + 16 * step);
  }
  __device__ __forceinline__ Nothing load(int, int) const { return {}; }
  __device__ __forceinline__ void finish(int step, int m, const Outputs& sums, Nothing) const {
    unsigned short* const first = arguments + static_cast<size_t>(16 * m) * stride + 16 * step;
    kept_at(kept, m, step) = sines_of(sums, first, first + static_cast<size_t>(8) * stride);
  }
};

struct ToResults {
  using Loaded = Nothing;
  const float* biases;
  float* results;  // of the thread's first pixel, at its column
  int stride;

  __device__ __forceinline__ float4 begin(int step) const {
    return *reinterpret_cast<const float4*>(biases + 16 * step);
  }
  __device__ __forceinline__ Nothing load(int, int) const { return {}; }
  __device__ __forceinline__ void finish(int step, int m, const Outputs& sums, Nothing) const {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float* const pixel = results + static_cast<size_t>(16 * m + 8 * half) * stride + 16 * step;
      if constexpr (IS_LAST) {
        *reinterpret_cast<float2*>(pixel) = {sums.of[0][2 * half], sums.of[0][2 * half + 1]};
      } else {
        *reinterpret_cast<float4*>(pixel) = {sums.of[0][2 * half], sums.of[0][2 * half + 1],
                                             sums.of[1][2 * half], sums.of[1][2 * half + 1]};
      }
    }
  }
};

/// A position on one axis of a map.
struct Cell {
  __device__ __forceinline__ Cell(int pixel, int resolution, int cells) {
    const float place =
        (static_cast<float>(pixel) + 0.5f) * (static_cast<float>(cells) / static_cast<float>(resolution)) -
        0.5f;
    const float inside = fminf(fmaxf(place, 0.0f), static_cast<float>(cells - 1));
    index = min(static_cast<int>(inside), cells - 2);
    fraction = inside - static_cast<float>(index);
  }
  int index;       // the cell before it
  float fraction;  // of the cell behind that
};

/// Bilinear samples of the map at one pixel.
class MapSampler {
 public:
  __device__ __forceinline__ MapSampler(const SirenForward& level, const PixelPlace& pixel) {
    const Cell column(pixel.x, level.at.resolution, level.map_resolution);
    const Cell row(pixel.y, level.at.resolution, level.map_resolution);
    const SirenWindow& window = level.at.windows[pixel.window];
    const int factor = level.at.factor * (level.at.resolution / level.map_resolution);
    const int x = column.index - window.x / factor - level.map_offset;
    const int y = row.index - window.y / factor - level.map_offset;
    below_ = level.map_size * kFirst;
    corner_ = level.map +
              (static_cast<size_t>(pixel.window) * level.map_size * level.map_size + y * level.map_size + x) *
                  kFirst;
    column_fraction_ = column.fraction;
    row_fraction_ = row.fraction;
  }

  __device__ __forceinline__ float4 at(int place) const {
    const auto load = [&](int offset) {
      return __ldg(reinterpret_cast<const float4*>(corner_ + place + offset));
    };
    const float4 above = mix(load(0), load(kFirst), column_fraction_);
    const float4 under = mix(load(below_), load(below_ + kFirst), column_fraction_);
    return mix(above, under, row_fraction_);
  }

 private:
  __device__ static float mix(float a, float b, float fraction) { return a + fraction * (b - a); }
  __device__ static float4 mix(const float4& a, const float4& b, float fraction) {
    return {mix(a.x, b.x, fraction), mix(a.y, b.y, fraction), mix(a.z, b.z, fraction),
            mix(a.w, b.w, fraction)};
  }

  const float* corner_;
  int below_;
  float column_fraction_, row_fraction_;
};

/// The first layer at one of the thread's pixels.
struct FirstLayer {
  __device__ __forceinline__ FirstLayer(const SirenForward& level, int pixel)
      : FirstLayer(level, PixelPlace(level.at, pixel)) {}
  __device__ __forceinline__ FirstLayer(const SirenForward& level, const PixelPlace& place)
      : x(centre_of(place.x, level.at.resolution)),
        y(centre_of(place.y, level.at.resolution)),
        of_pose(level.of_pose + static_cast<size_t>(place.window) * kFirst)
#if HAS_MAP
        ,
        map(level, place)
#endif
  {
  }
  __device__ __forceinline__ float4 at(int place, const float4& of_x, const float4& of_y) const {
    float4 sums = __ldg(reinterpret_cast<const float4*>(of_pose + place));
#if HAS_MAP
    const float4 sample = map.at(place);
    sums = {sums.x + sample.x, sums.y + sample.y, sums.z + sample.z, sums.w + sample.w};
#endif
    return {fmaf(of_x.x, x, fmaf(of_y.x, y, sums.x)), fmaf(of_x.y, x, fmaf(of_y.y, y, sums.y)),
            fmaf(of_x.z, x, fmaf(of_y.z, y, sums.z)), fmaf(of_x.w, x, fmaf(of_y.w, y, sums.w))};
  }
  float x, y;
  const float* of_pose;
#if HAS_MAP
  MapSampler map;
#endif
};

__device__ __forceinline__ void first_layer(const SirenForward& level, int pixel, int column, uint4* kept) {
#pragma unroll 1
  for (int m = 0; m < kTiles; ++m) {
    const FirstLayer first(level, pixel + 16 * m), second(level, pixel + 16 * m + 8);
    unsigned short* const arguments = static_cast<unsigned short*>(level.arguments[0]) +
                                      static_cast<size_t>(pixel + 16 * m) * kFirst + 4 * column;
#pragma unroll 2
    for (int step = 0; step < kSteps[0]; ++step) {
      const int place = 16 * step + 4 * column;
      const float4 of_x = __ldg(reinterpret_cast<const float4*>(level.of_position + place));
      const float4 of_y = __ldg(reinterpret_cast<const float4*>(level.of_position + kFirst + place));
      const float4 a = first.at(place, of_x, of_y), b = second.at(place, of_x, of_y);
      const Outputs sums{{{a.x, a.y, b.x, b.y}, {a.z, a.w, b.z, b.w}}};
      kept_at(kept, m, step) =
          sines_of(sums, arguments + 16 * step, arguments + static_cast<size_t>(8) * kFirst + 16 * step);
    }
  }
}

template <int Layer>
__device__ __forceinline__ void run_layers(const SirenForward& level, int pixel, int column, uint4* kept,
                                           const float* biases, Weights& weights, int chunk) {
  const float* const own = biases + bias_offset(Layer) + 4 * column;
  if constexpr (Layer < kSineLayers) {
    constexpr int kWidth = 16 * kSteps[Layer];
    unsigned short* const arguments = static_cast<unsigned short*>(level.arguments[Layer]) +
                                      static_cast<size_t>(pixel) * kWidth + 4 * column;
    multiply<kSteps[Layer - 1], kSteps[Layer], true>(kept, weights, chunk,
                                                     ToSines{kept, own, arguments, kWidth});
    run_layers<Layer + 1>(level, pixel, column, kept, biases, weights, chunk + chunks_of(kSteps[Layer]));
  } else {
    constexpr int kStride = IS_LAST ? 8 : 16 * kResultSteps;
    float* const results = level.results + static_cast<size_t>(pixel) * kStride + (IS_LAST ? 2 : 4) * column;
    multiply<kSteps[kSineLayers - 1], kResultSteps, true>(kept, weights, chunk,
                                                          ToResults{own, results, kStride});
  }
}

extern "C" __global__ void __launch_bounds__(kThreads, 1) siren_forward(const SirenForward level) {
  extern __shared__ uint4 shared_memory[];
  float* const biases = reinterpret_cast<float*>(shared_memory);
  uint4* const all_kept = shared_memory + kBiases / 4;
  uint4* const chunks = all_kept + kWarps * kTiles * KEPT_STEPS * 32;

  const int rounds = (level.tiles + kWarps * gridDim.x - 1) / (kWarps * gridDim.x);
  Weights weights(level.weights, chunks, rounds);
  for (int i = threadIdx.x; i < kBiases; i += kThreads) biases[i] = level.biases[i];
  weights.wait_for_all();
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int row = lane / 4, column = lane % 4;
  uint4* const kept = all_kept + warp * kTiles * KEPT_STEPS * 32 + lane;
  for (int round = 0; round < rounds; ++round) {
    // Tiles are dealt out to multiprocessors one by one, so that each has as many as any other.
    const int tile = (round * kWarps + warp) * gridDim.x + blockIdx.x;
    if (kStages == 0 && tile >= level.tiles) break;  // else all threads have to wait for weights together
    const int pixel = min(tile, level.tiles - 1) * 16 * kTiles + row;
    first_layer(level, pixel, column, kept);
    run_layers<1>(level, pixel, column, kept, biases, weights, 0);
  }
}
