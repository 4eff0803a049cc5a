// The gradient of a map's cells: each cell gathers from the pixels that sample it.

/// How much of a cell a pixel's sample is.
__device__ __forceinline__ float fraction_of(int pixel, int cell, float scale, int cells) {
  const float place = (static_cast<float>(pixel) + 0.5f) * scale - 0.5f;
  const float inside = fminf(fmaxf(place, 0.0f), static_cast<float>(cells - 1));
  return fmaxf(0.0f, 1.0f - fabsf(inside - static_cast<float>(cell)));
}

extern "C" __global__ void siren_map_gradient(const SirenMapGradient map) {
  const int vectors = map.channels / 8;
  const int at = blockIdx.x * blockDim.x + threadIdx.x;
  const int cell = at / vectors, vector = at % vectors;
  const int area = map.coarse_size * map.coarse_size;
  if (cell >= map.windows * area) return;
  const int window = cell / area, row = cell % area / map.coarse_size, column = cell % map.coarse_size;
  const int ratio = map.fine_resolution / map.coarse_resolution;
  const SirenWindow& from = map.at[window];
  const int x = from.x / map.factor + map.coarse_offset + column;
  const int y = from.y / map.factor + map.coarse_offset + row;
  float sums[8] = {};
  if (x >= 0 && x < map.coarse_resolution && y >= 0 && y < map.coarse_resolution) {
    const int fine_x = from.x / map.factor * ratio + map.fine_offset;
    const int fine_y = from.y / map.factor * ratio + map.fine_offset;
    const float scale = static_cast<float>(map.coarse_resolution) / static_cast<float>(map.fine_resolution);
    const uint4* const source = static_cast<const uint4*>(map.of_arguments) +
                                static_cast<size_t>(window) * map.fine_size * map.fine_size * vectors +
                                vector;
    // A level has once or twice the resolution of the one before.
    const int first_x = ratio * x - ratio / 2, first_y = ratio * y - ratio / 2;
    float fractions_x[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const bool is_inside = i < 2 * ratio && first_x + i >= fine_x && first_x + i < fine_x + map.fine_size;
      fractions_x[i] = is_inside ? fraction_of(first_x + i, x, scale, map.coarse_resolution) : 0;
    }
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const int py = first_y + j;
      if (j >= 2 * ratio || py < fine_y || py >= fine_y + map.fine_size) continue;
      const float fraction_y = fraction_of(py, y, scale, map.coarse_resolution);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        if (fractions_x[i] == 0) continue;
        const float fraction = fraction_y * fractions_x[i];
        const int place = (py - fine_y) * map.fine_size + first_x + i - fine_x;
        const uint4 values = __ldg(source + static_cast<size_t>(place) * vectors);
        const unsigned pairs[4] = {values.x, values.y, values.z, values.w};
#pragma unroll
        for (int k = 0; k < 4; ++k) {
          const float2 pair = unpack_bfloat(pairs[k]);
          sums[2 * k] += fraction * pair.x;
          sums[2 * k + 1] += fraction * pair.y;
        }
      }
    }
  }
  static_cast<uint4*>(map.of_map)[static_cast<size_t>(cell) * vectors + vector] = {
      pack_bfloat(sums[0], sums[1]), pack_bfloat(sums[2], sums[3]), pack_bfloat(sums[4], sums[5]),
      pack_bfloat(sums[6], sums[7])};
}
