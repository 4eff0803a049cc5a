// Numbers as tensors store them, 16 bytes at a time. SCALAR says which: 0 float32, 1 float16, 2 bfloat16. All
// arithmetic is in float32.

#if SCALAR == 0
typedef float Stored;
#else
typedef unsigned short Stored;
#endif

constexpr int kVector = 16 / sizeof(Stored);

struct alignas(16) Vector {
  Stored values[kVector];
};

__device__ const Stored* stored(const void* picture) {
  return static_cast<const Stored*>(picture);
}
__device__ const Vector* vectors(const void* picture) {
  return static_cast<const Vector*>(picture);
}
__device__ Vector* vectors(void* picture) {
  return static_cast<Vector*>(picture);
}

#if SCALAR == 0
__device__ float to_float(float value) {
  return value;
}
__device__ float to_stored(float value) {
  return value;
}
#elif SCALAR == 1
__device__ float to_float(unsigned short bits) {
  float value;
  asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(bits));
  return value;
}
__device__ unsigned short to_stored(float value) {
  unsigned short bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
}
#else
__device__ float to_float(unsigned short bits) {
  return __uint_as_float(static_cast<unsigned>(bits) << 16);
}
__device__ unsigned short to_stored(float value) {
#if __CUDA_ARCH__ >= 800
  unsigned short bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(value));
  return bits;
#else
  const unsigned bits = __float_as_uint(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return 0x7fff;  // not a number
  return static_cast<unsigned short>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
#endif
}
#endif
