// Numbers of 16 bits, and the products of them.

using namespace tha4::kernels;

__device__ __forceinline__ unsigned pack_half(float low, float high) {
  unsigned pair;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}

__device__ __forceinline__ float2 unpack_half(unsigned pair) {
  float2 values;
  asm("{.reg .f16 low, high;\n"
      "mov.b32 {low, high}, %2;\n"
      "cvt.f32.f16 %0, low;\n"
      "cvt.f32.f16 %1, high;}"
      : "=f"(values.x), "=f"(values.y)
      : "r"(pair));
  return values;
}

__device__ __forceinline__ unsigned pack_bfloat(float low, float high) {
  unsigned pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}

__device__ __forceinline__ float2 unpack_bfloat(unsigned pair) {
  return {__uint_as_float(pair << 16), __uint_as_float(pair & 0xffff0000u)};
}

/// sums += a b, of 16 rows, 16 inputs and 8 outputs.
__device__ __forceinline__ void multiply_half(float (&sums)[4], const uint4& a, unsigned b0, unsigned b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
}

__device__ __forceinline__ void multiply_bfloat(float (&sums)[4], const uint4& a, unsigned b0, unsigned b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
}

/// An angle less the whole number of turns nearest to it.
__device__ __forceinline__ float within_a_turn(float angle) {
  constexpr float kTurn = 6.283185307179586f, kShareOfTurn = 0.15915494309189535f;
  // 2π as a float is 1.7e-7 too large, which does not matter for the few turns that there are.
  return fmaf(-rintf(angle * kShareOfTurn), kTurn, angle);
}

/// Of [-1, 1] all over the frame.
__device__ __forceinline__ float centre_of(int pixel, int resolution) {
  return (2.0f * static_cast<float>(pixel) + 1.0f) / static_cast<float>(resolution) - 1.0f;
}

/// One pixel of all windows: which window's, and where in the frame.
struct PixelPlace {
  __device__ __forceinline__ PixelPlace(const SirenPixels& at, int pixel) {
    const int area = at.size * at.size;
    const int number = pixel / area;
    inside = number < at.count;
    window = inside ? number : at.count - 1;
    const int rest = pixel - number * area;
    const int row = rest / at.size, column = rest - row * at.size;
    const SirenWindow& from = at.windows[window];
    x = from.x / at.factor + at.offset + column;
    y = from.y / at.factor + at.offset + row;
  }
  int window, x, y;
  bool inside;  // else a pixel that only fills up the last tile
};
