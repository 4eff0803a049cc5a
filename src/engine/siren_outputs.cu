// What a thread has of a layer's outputs, and what becomes of them.

/// The thread's part of the warp: the pixel block of its row, and the pair of outputs of its column.
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
  return {pack_half(sines.of[0][0], sines.of[0][1]), pack_half(sines.of[0][2], sines.of[0][3]),
          pack_half(sines.of[1][0], sines.of[1][1]), pack_half(sines.of[1][2], sines.of[1][3])};
}

/// What rounding to float16 took away.
__device__ __forceinline__ uint4 rest_of(const Outputs& sines, const uint4& rounded) {
  const unsigned pairs[4] = {rounded.x, rounded.y, rounded.z, rounded.w};
  unsigned rest[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const float2 value = unpack_half(pairs[i]);
    rest[i] = pack_half(sines.of[i / 2][i % 2 * 2] - value.x, sines.of[i / 2][i % 2 * 2 + 1] - value.y);
  }
  return {rest[0], rest[1], rest[2], rest[3]};
}

/// Adds the last layer's sines into the results, of which there are 8 at most, without keeping them.
struct AddToResults {
  const uint4* weights;  // [step]: rounded, and what rounding took away
  float (&sums)[kBlockWidth][kResultSums][4];
  __device__ __forceinline__ void operator()(int step, int m, const Outputs& outputs) const {
    Outputs sines;
    const uint4 rounded = sines_of(outputs, sines), rest = rest_of(sines, rounded);
    const uint4 b = weights[step * 32];
    multiply_half(sums[m][0], rounded, b.x, b.y);
    multiply_half(sums[m][1 % kResultSums], rest, b.x, b.y);
    multiply_half(sums[m][2 % kResultSums], rounded, b.z, b.w);
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
