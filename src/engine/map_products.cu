// Products of 64 pixels by four warps. Pixels and weights lie in shared memory as 8 inputs of 8 pixels or
// outputs, 128 bytes. NUMBERS says what 16 bits mean: 1 float16, 2 bfloat16.

__device__ __forceinline__ void store_shared(unsigned to, const uint4& values) {
  asm volatile("st.shared.v4.b32 [%0], {%1, %2, %3, %4};" ::"r"(to), "r"(values.x), "r"(values.y),
               "r"(values.z), "r"(values.w)
               : "memory");
}

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
// Thread blocks that share the inputs of a tile (compute capability 9.0): a cluster.

#if SPLITS > 1
/// Waits for all threads of the cluster, whose shared memory can then be read.
__device__ __forceinline__ void wait_for_cluster() {
  asm volatile(
      "barrier.cluster.arrive.release.aligned;\n"
      "barrier.cluster.wait.acquire.aligned;" ::
          : "memory");
}

/// What the thread block \p rank of the cluster has at \p place.
__device__ __forceinline__ float4 load_of_block(int rank, const float* place) {
  float4 values;
  asm volatile(
      "{.reg .u32 there;\n"
      "mapa.shared::cluster.u32 there, %4, %5;\n"
      "ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [there];}"
      : "=f"(values.x), "=f"(values.y), "=f"(values.z), "=f"(values.w)
      : "r"(shared_address(place)), "r"(rank)
      : "memory");
  return values;
}
#else
__device__ __forceinline__ void wait_for_cluster() {
  __syncthreads();
}
__device__ __forceinline__ float4 load_of_block(int, const float* place) {
  return *reinterpret_cast<const float4*>(place);
}
#endif

/// Adds to a whole number that other thread blocks add to as well.
__device__ __forceinline__ void add_whole(long long* to, float value) {
  atomicAdd(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(__float2ll_rn(value)));
}
