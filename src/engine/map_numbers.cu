// Numbers of 16 bits, whose meaning NUMBERS says: 1 float16, 2 bfloat16.

using namespace tha4::kernels;

__device__ __forceinline__ float2 unpack(unsigned pair) {
#if NUMBERS == 1
  return unpack_half(pair);
#else
  return unpack_bfloat(pair);
#endif
}

__device__ __forceinline__ unsigned pack(float low, float high) {
#if NUMBERS == 1
  return pack_half(low, high);
#else
  return pack_bfloat(low, high);
#endif
}

/// x / (1 + exp(-x)) by one slow instruction in place of two, to 11 bits: numbers have no more.
__device__ __forceinline__ float silu(float x) {
  const float half = 0.5f * x;
  float tangent;
  asm("tanh.approx.f32 %0, %1;" : "=f"(tangent) : "f"(half));
  return half * tangent + half;
}

/// \param activation  known when the kernel is compiled, where it counts
__device__ __forceinline__ float2 after_activation(const float2& values, MapActivation activation) {
  if (activation == MapActivation::silu) return {silu(values.x), silu(values.y)};
  if (activation == MapActivation::relu) return {fmaxf(values.x, 0), fmaxf(values.y, 0)};
  return values;
}

/// Numbers of eight channels.
struct Results {
  float of[8];

  __device__ __forceinline__ void add(const uint4& values, float factor) {
    const unsigned pairs[] = {values.x, values.y, values.z, values.w};
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float2 pair = unpack(pairs[i]);
      of[2 * i] += factor * pair.x;
      of[2 * i + 1] += factor * pair.y;
    }
  }
  __device__ __forceinline__ uint4 packed() const {
    return {pack(of[0], of[1]), pack(of[2], of[3]), pack(of[4], of[5]), pack(of[6], of[7])};
  }
};
