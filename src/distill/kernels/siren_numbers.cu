// Angles and pixels.

using namespace tha4::kernels;

/// An angle less the whole number of turns nearest to it.
__device__ __forceinline__ float within_a_turn(float angle) {
  constexpr float kTurn = 6.283185307179586f, kFractionOfTurn = 0.15915494309189535f;
  // 2π as a float is 1.7e-7 too large, which does not matter for the few turns that there are.
  return fmaf(-rintf(angle * kFractionOfTurn), kTurn, angle);
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
