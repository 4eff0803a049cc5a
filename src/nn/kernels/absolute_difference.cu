// The mean absolute difference of two tensors of the same layout, and its gradient; the arguments are
// declared in absolute_difference_arguments.h.

using namespace tha4::kernels;

constexpr int kThreads = 256;

extern "C" __global__ void __launch_bounds__(kThreads) sum_differences(const SumDifferences args) {
  const Vector* const a = vectors(args.a);
  const Vector* const b = vectors(args.b);
  __shared__ float shared[kThreads];
  float sum = 0;
#pragma unroll 4
  for (long long i = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x; i < args.count;
       i += static_cast<long long>(gridDim.x) * kThreads) {
    const Vector left = a[i], right = b[i];
    for (int j = 0; j < kVector; ++j) sum += fabsf(to_float(left.values[j]) - to_float(right.values[j]));
  }
  shared[threadIdx.x] = sum;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
  }
  if (threadIdx.x == 0) args.sums[blockIdx.x] = shared[0];
}

extern "C" __global__ void __launch_bounds__(kThreads) difference_gradient(const DifferenceGradient args) {
  const Vector* const a = vectors(args.a);
  const Vector* const b = vectors(args.b);
  Vector* const da = vectors(args.da);
  const float step = *args.gradient * args.factor;
#pragma unroll 4
  for (long long i = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x; i < args.count;
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
