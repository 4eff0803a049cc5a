// Products of 64 pixels by four warps. Pixels and weights lie in shared memory as 8 inputs of 8 pixels or
// outputs, 128 bytes. NUMBERS says what 16 bits mean: 1 float16, 2 bfloat16.

__device__ __forceinline__ uint4 load_matrices(unsigned row) {
  uint4 values;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(values.x), "=r"(values.y), "=r"(values.z), "=r"(values.w)
               : "r"(row)
               : "memory");
  return values;
}

__device__ __forceinline__ void multiply_add(float* sums, const uint4& a, unsigned b0, unsigned b1) {
#if NUMBERS == 1
  multiply_half(sums, a, b0, b1);
#else
  multiply_bfloat(sums, a, b0, b1);
#endif
}

/// The products of Blocks times 64 pixels, the first of which lie at \p a, with weights that are read once
/// for all of them.
template <int Blocks, int Count>
__device__ __forceinline__ void multiply_add(float (&sums)[Blocks][Count], const unsigned (&a)[Blocks],
                                             unsigned b, int row_step, int input_step) {
  const int matrix = threadIdx.x / 8 % 4, row = threadIdx.x % 8, warp = threadIdx.x / 32 % 4;
  uint4 pixels[Blocks];
#pragma unroll
  for (int m = 0; m < Blocks; ++m) {
    pixels[m] =
        load_matrices(a[m] + ((2 * warp + matrix % 2) * row_step + row + matrix / 2 * input_step) * 16);
  }
  const unsigned of_lane = b + matrix / 2 * 256 + matrix % 2 * 128 + row * 16;
#pragma unroll
  for (int i = 0; i < Count / 4; i += 2) {
    const uint4 weights = load_matrices(of_lane + i * 256);
#pragma unroll
    for (int m = 0; m < Blocks; ++m) {
      multiply_add(sums[m] + 4 * i, pixels[m], weights.x, weights.y);
      multiply_add(sums[m] + 4 * i + 4, pixels[m], weights.z, weights.w);
    }
  }
}
