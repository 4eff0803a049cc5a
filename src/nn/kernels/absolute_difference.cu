// The mean absolute difference of two tensors of the same layout, and its gradient.

constexpr int kThreads = 256;

/// One sum a block, in a fixed order. `count` is that of the vectors.
extern "C" __global__ void __launch_bounds__(kThreads)
    sum_differences(const Vector* a, const Vector* b, float* sums, long long count) {
  __shared__ float shared[kThreads];
  float sum = 0;
#pragma unroll 4
  for (long long i = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += static_cast<long long>(gridDim.x) * kThreads) {
    const Vector left = a[i], right = b[i];
    for (int j = 0; j < kVector; ++j) sum += fabsf(to_float(left.values[j]) - to_float(right.values[j]));
  }
  shared[threadIdx.x] = sum;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = shared[0];
}

/// The sign of a - b times factor * (*gradient).
extern "C" __global__ void __launch_bounds__(kThreads)
    difference_gradient(const Vector* a, const Vector* b, const float* gradient, float factor, Vector* da,
                        long long count) {
  const float step = *gradient * factor;
#pragma unroll 4
  for (long long i = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x; i < count;
       i += static_cast<long long>(gridDim.x) * kThreads) {
    const Vector left = a[i], right = b[i];
    Vector result;
    for (int j = 0; j < kVector; ++j) {
      const float difference = to_float(left.values[j]) - to_float(right.values[j]);
      result.values[j] = to_stored(difference > 0 ? step : difference < 0 ? -step : 0);
    }
    da[i] = result;
  }
}
