// What becomes of a map between convolutions, where more than one of them reads it: see MapSettlement.

constexpr int kThreads = 256;

/// The line of a channel: its norm.
__device__ __forceinline__ float2 line_of(const MapSettlement& work, int channel) {
  const longlong2 sums =
      reinterpret_cast<const longlong2*>(work.from.sums)[blockIdx.y * work.from.channels + channel];
  const double mean = static_cast<double>(sums.x) * work.fraction / kSumScale;
  const double variance = static_cast<double>(sums.y) * work.fraction / kSquareScale - mean * mean;
  constexpr float kEpsilon = 1e-5f;
  const float slope = work.gammas[channel] * rsqrtf(fmaxf(static_cast<float>(variance), 0) + kEpsilon);
  return {slope, work.betas[channel] - static_cast<float>(mean) * slope};
}

extern "C" __global__ void __launch_bounds__(kThreads) settle(const __grid_constant__ MapSettlement work) {
  let_next_launch_begin();
  wait_for_last_launch();
  const int columns = work.to_channels / 8, column = threadIdx.x % columns, own = work.from.channels / 8;
  const int lanes = kThreads / columns, lane = threadIdx.x / columns;
  const size_t image = static_cast<size_t>(blockIdx.y) * work.pixels;
  uint4* const to = static_cast<uint4*>(work.to);
  if (lane >= lanes) return;
  if (column >= own) {
    Results parameters;
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      const int parameter = (column - own) * 8 + i;
      parameters.of[i] = parameter < work.pose_size ? work.poses[blockIdx.y * work.pose_size + parameter] : 0;
    }
    for (int pixel = blockIdx.x * lanes + lane; pixel < work.pixels; pixel += gridDim.x * lanes) {
      to[(image + pixel) * columns + column] = parameters.packed();
    }
    return;
  }
  float2 lines[8];
#pragma unroll
  for (int i = 0; i < 8; ++i) lines[i] = line_of(work, column * 8 + i);
  for (int pixel = blockIdx.x * lanes + lane; pixel < work.pixels; pixel += gridDim.x * lanes) {
    const size_t place = (image + pixel) * own + column;
    Results results{};
    results.add(static_cast<const uint4*>(work.from.values)[place], 1);
#pragma unroll
    for (int i = 0; i < 8; i += 2) {
      const float2 values = after_activation(
          {results.of[i] * lines[i].x + lines[i].y, results.of[i + 1] * lines[i + 1].x + lines[i + 1].y},
          work.activation);
      results.of[i] = values.x;
      results.of[i + 1] = values.y;
    }
    if (work.added != nullptr) results.add(static_cast<const uint4*>(work.added)[place], 1);
    to[(image + pixel) * columns + column] = results.packed();
  }
}
