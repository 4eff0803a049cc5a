// Passes over pictures that are stored channels-last: N images of `pixels` by `channels`. Group norm with all
// that surrounds it in a residual block, forward and backward, and what follows convolutions. Every sum is
// taken in a fixed order, so that results can be repeated to the last bit.
//
// Blocks of kThreads threads share the rows of a chunk of an image. A thread keeps to one vector of channels,
// whose coefficients it holds in registers, and goes down the rows. What each kernel does, and of what, is
// said where its arguments are declared: channels_last_arguments.h.

using namespace tha4::kernels;

constexpr int kThreads = 256;
constexpr int kMaxChannels = kThreads * kVector;

/// The rows and the channels of one thread.
struct Place {
  __device__ explicit Place(const Extent& extent) {
    columns = extent.channels / kVector;
    column = threadIdx.x % columns;
    lane = threadIdx.x / columns;
    lanes = kThreads / columns;
    const int first_of_chunk = blockIdx.x * extent.rows_per_chunk;
    row = first_of_chunk + lane;
    end = lane < lanes ? min(extent.pixels, first_of_chunk + extent.rows_per_chunk) : 0;
    image = static_cast<size_t>(blockIdx.y) * extent.pixels * columns;
    coefficients = blockIdx.y * extent.channels + column * kVector;
  }
  __device__ size_t at(int row) const { return image + static_cast<size_t>(row) * columns + column; }

  int columns, column, lane, lanes, row, end, coefficients;
  size_t image;
};

struct Coefficients {
  __device__ explicit Coefficients(const float* values) {
    for (int i = 0; i < kVector; ++i) of[i] = values[i];
  }
  float of[kVector];
};

/// Adds up two sums of each channel over the lanes of a block; [chunk][2][channels] of every image.
__device__ void write_sums(const Place& place, const float* first, const float* second, float* sums,
                           int channels) {
  __shared__ float shared[2][kThreads * kVector];
  if (place.lane < place.lanes) {
    for (int i = 0; i < kVector; ++i) {
      shared[0][threadIdx.x * kVector + i] = first[i];
      shared[1][threadIdx.x * kVector + i] = second[i];
    }
  }
  __syncthreads();
  float* const target = sums + (static_cast<size_t>(blockIdx.y) * gridDim.x + blockIdx.x) * 2 * channels;
  for (int channel = threadIdx.x; channel < channels; channel += kThreads) {
    for (int which = 0; which < 2; ++which) {
      float sum = 0;
      for (int lane = 0; lane < place.lanes; ++lane) sum += shared[which][lane * channels + channel];
      target[which * channels + channel] = sum;
    }
  }
}

/// A sum of a channel of image blockIdx.x over its chunks.
__device__ float sum_of_chunks(const float* sums, int chunks, int channels, int which, int channel) {
  const float* values =
      sums + static_cast<size_t>(blockIdx.x) * chunks * 2 * channels + which * channels + channel;
  float sum = 0;
  for (int chunk = 0; chunk < chunks; ++chunk) sum += values[static_cast<size_t>(chunk) * 2 * channels];
  return sum;
}

// Activations: 0 none, 1 SiLU.

__device__ float activated(float z, int activation) {
  if (activation == 1) return z / (1 + __expf(-z));
  return z;
}

/// The derivative at z.
__device__ float slope_at(float z, int activation) {
  if (activation == 1) {
    const float sigmoid = 1 / (1 + __expf(-z));
    return sigmoid * (1 + z * (1 - sigmoid));
  }
  return 1;
}

extern "C" __global__ void __launch_bounds__(kThreads) sum_moments(const SumMoments args) {
  const Vector* const x = vectors(args.x);
  const Place place(args.extent);
  float sum[kVector] = {}, squares[kVector] = {}, origin[kVector];
  const Vector first = x[place.at(0)];
  for (int i = 0; i < kVector; ++i) origin[i] = to_float(first.values[i]);
#pragma unroll 4
  for (int row = place.row; row < place.end; row += place.lanes) {
    const Vector values = x[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      const float value = to_float(values.values[i]) - origin[i];
      sum[i] += value;
      squares[i] += value * value;
    }
  }
  write_sums(place, sum, squares, args.sums, args.extent.channels);
}

extern "C" __global__ void __launch_bounds__(kThreads) finish_moments(const FinishMoments args) {
  const Stored* const x = stored(args.x);
  __shared__ float means[kMaxChannels], squares[kMaxChannels];
  const int image = blockIdx.x * args.channels;
  for (int channel = threadIdx.x; channel < args.channels; channel += kThreads) {
    const float sum = sum_of_chunks(args.sums, args.chunks, args.channels, 0, channel);
    const float origin = to_float(x[static_cast<size_t>(image) * args.pixels + channel]);
    const float raw = origin + sum / args.pixels;
    args.mean[image + channel] = raw;
    means[channel] = raw + (args.offset != nullptr ? args.offset[channel] : 0);
    squares[channel] = fmaxf(
        sum_of_chunks(args.sums, args.chunks, args.channels, 1, channel) - sum * (sum / args.pixels), 0);
  }
  __syncthreads();
  const int size = args.channels / args.groups;
  for (int channel = threadIdx.x; channel < args.channels; channel += kThreads) {
    const int first = channel / size * size;
    float group_mean = 0, group_squares = 0;
    for (int i = first; i < first + size; ++i) group_mean += means[i];
    group_mean /= size;
    for (int i = first; i < first + size; ++i) {
      const float distance = means[i] - group_mean;
      group_squares += squares[i] + args.pixels * distance * distance;
    }
    const float rate = rsqrtf(group_squares / (static_cast<float>(size) * args.pixels) + args.epsilon);
    const float own_scale = args.scale != nullptr ? args.scale[image + channel] : 1;
    const float own_shift = args.shift != nullptr ? args.shift[image + channel] : 0;
    const float own_centre = group_mean - (args.offset != nullptr ? args.offset[channel] : 0);
    const float own_slope = rate * args.gamma[channel] * own_scale;
    args.centre[image + channel] = own_centre;
    args.deviation[image + channel] = rate;
    args.slope[image + channel] = own_slope;
    args.intercept[image + channel] = args.beta[channel] * own_scale + own_shift - own_slope * own_centre;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads) apply(const Apply args) {
  const Vector* const x = vectors(args.x);
  Vector* const y = vectors(args.y);
  const Place place(args.extent);
  const Coefficients a(args.slope + place.coefficients), b(args.intercept + place.coefficients);
#pragma unroll 4
  for (int row = place.row; row < place.end; row += place.lanes) {
    Vector values = x[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      values.values[i] =
          to_stored(activated(a.of[i] * to_float(values.values[i]) + b.of[i], args.activation));
    }
    y[place.at(row)] = values;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads) sum_gradients(const SumGradients args) {
  const Vector* const x = vectors(args.x);
  const Vector* const dy = vectors(args.dy);
  const Place place(args.extent);
  const Coefficients a(args.slope + place.coefficients), b(args.intercept + place.coefficients),
      middle(args.centre + place.coefficients);
  float sum[kVector] = {}, products[kVector] = {};
#pragma unroll 2
  for (int row = place.row; row < place.end; row += place.lanes) {
    const Vector values = x[place.at(row)], gradients = dy[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      const float value = to_float(values.values[i]);
      const float dz = to_float(gradients.values[i]) * slope_at(a.of[i] * value + b.of[i], args.activation);
      sum[i] += dz;
      products[i] += dz * (value - middle.of[i]);
    }
  }
  write_sums(place, sum, products, args.sums, args.extent.channels);
}

extern "C" __global__ void __launch_bounds__(kThreads) finish_gradients(const FinishGradients args) {
  __shared__ float weighted[kMaxChannels], weighted_n[kMaxChannels];
  const int image = blockIdx.x * args.channels;
  for (int channel = threadIdx.x; channel < args.channels; channel += kThreads) {
    const int i = image + channel;
    const float sum = sum_of_chunks(args.sums, args.chunks, args.channels, 0, channel);
    const float sum_n = sum_of_chunks(args.sums, args.chunks, args.channels, 1, channel) * args.deviation[i];
    const float weight = args.gamma[channel] * (args.scale != nullptr ? args.scale[i] : 1);
    args.sum_dz[i] = sum;
    args.sum_dz_n[i] = sum_n;
    weighted[channel] = weight * sum;
    weighted_n[channel] = weight * sum_n;
  }
  __syncthreads();
  const int size = args.channels / args.groups;
  for (int channel = threadIdx.x; channel < args.channels; channel += kThreads) {
    const int i = image + channel;
    const int first = channel / size * size;
    float group = 0, group_n = 0;
    for (int member = first; member < first + size; ++member) {
      group += weighted[member];
      group_n += weighted_n[member];
    }
    const float count = static_cast<float>(size) * args.pixels;
    const float rate = args.deviation[i];
    const float own_along = -rate * rate * (group_n / count);
    const float own_constant = -rate * (group / count) - own_along * args.centre[i];
    args.along[i] = own_along;
    args.constant[i] = own_constant;
    args.sum_dx[i] = args.slope[i] * args.sum_dz[i] +
                     args.pixels * (own_along * (args.mean[i] - args.centre[i]) - rate * (group / count));
  }
}

extern "C" __global__ void __launch_bounds__(kThreads) finish_parameters(const FinishParameters args) {
  const int channel = blockIdx.x * kThreads + threadIdx.x;
  if (channel >= args.channels) return;
  float offset_sum = 0, gamma_sum = 0, beta_sum = 0;
  for (int image = 0; image < args.images; ++image) {
    const int i = image * args.channels + channel;
    const float own_scale = args.scale != nullptr ? args.scale[i] : 1;
    offset_sum += args.sum_dx[i];
    gamma_sum += args.sum_dz_n[i] * own_scale;
    beta_sum += args.sum_dz[i] * own_scale;
    args.d_scale[i] = args.sum_dz_n[i] * args.gamma[channel] + args.sum_dz[i] * args.beta[channel];
    args.d_shift[i] = args.sum_dz[i];
  }
  args.d_offset[channel] = offset_sum;
  args.d_gamma[channel] = gamma_sum;
  args.d_beta[channel] = beta_sum;
}

extern "C" __global__ void __launch_bounds__(kThreads) input_gradient(const InputGradient args) {
  const Vector* const x = vectors(args.x);
  const Vector* const dy = vectors(args.dy);
  Vector* const dx = vectors(args.dx);
  const Place place(args.extent);
  const Coefficients a(args.slope + place.coefficients), b(args.intercept + place.coefficients),
      c(args.along + place.coefficients), d(args.constant + place.coefficients);
#pragma unroll 2
  for (int row = place.row; row < place.end; row += place.lanes) {
    const Vector values = x[place.at(row)];
    Vector gradients = dy[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      const float value = to_float(values.values[i]);
      const float dz = to_float(gradients.values[i]) * slope_at(a.of[i] * value + b.of[i], args.activation);
      gradients.values[i] = to_stored(a.of[i] * dz + c.of[i] * value + d.of[i]);
    }
    dx[place.at(row)] = gradients;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads) add_with_bias(const AddWithBias args) {
  const Vector* const x = vectors(args.x);
  const Vector* const addition = vectors(args.addition);
  Vector* const y = vectors(args.y);
  const Place place(args.extent);
  const Coefficients b(args.bias + place.column * kVector);
#pragma unroll 4
  for (int row = place.row; row < place.end; row += place.lanes) {
    Vector values = x[place.at(row)];
    const Vector added = addition[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      values.values[i] = to_stored(to_float(values.values[i]) + b.of[i] + to_float(added.values[i]));
    }
    y[place.at(row)] = values;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads) sum_channels(const SumChannels args) {
  const Vector* const x = vectors(args.x);
  const Place place(args.extent);
  float sum[kVector] = {};
  const float nothing[kVector] = {};
#pragma unroll 4
  for (int row = place.row; row < place.end; row += place.lanes) {
    const Vector values = x[place.at(row)];
    for (int i = 0; i < kVector; ++i) sum[i] += to_float(values.values[i]);
  }
  write_sums(place, sum, nothing, args.sums, args.extent.channels);
}

extern "C" __global__ void __launch_bounds__(kThreads) rectify(const Rectify args) {
  Vector* const x = vectors(args.x);
  const Place place(args.extent);
  const Coefficients b(args.bias + place.column * kVector);
#pragma unroll 4
  for (int row = place.row; row < place.end; row += place.lanes) {
    Vector values = x[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      values.values[i] = to_stored(fmaxf(to_float(values.values[i]) + b.of[i], 0));
    }
    x[place.at(row)] = values;
  }
}

/// The four vectors of a picture of twice the size that lie on vector i of one of width x height.
struct Square {
  __device__ Square(long long i, int width, int columns) {
    const long long pixel = i / columns;
    const long long row = pixel / width;
    first = (row * 4 * width + pixel % width * 2) * columns + i % columns;
    right = columns;
    below = static_cast<long long>(2) * width * columns;
  }
  long long first, right, below;
};

extern "C" __global__ void __launch_bounds__(kThreads) halve(const Halve args) {
  const Vector* const x = vectors(args.x);
  Vector* const y = vectors(args.y);
  const long long i = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= args.count) return;
  const Square square(i, args.width, args.columns);
  const Vector a = x[square.first], b = x[square.first + square.right], c = x[square.first + square.below],
               d = x[square.first + square.below + square.right];
  Vector result;
  for (int j = 0; j < kVector; ++j) {
    result.values[j] = to_stored(args.factor * (to_float(a.values[j]) + to_float(b.values[j]) +
                                                to_float(c.values[j]) + to_float(d.values[j])));
  }
  y[i] = result;
}

extern "C" __global__ void __launch_bounds__(kThreads) double_up(const DoubleUp args) {
  const Vector* const x = vectors(args.x);
  Vector* const y = vectors(args.y);
  const long long i = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= args.count) return;
  const Square square(i, args.width, args.columns);
  Vector values = x[i];
  for (int j = 0; j < kVector; ++j) values.values[j] = to_stored(args.factor * to_float(values.values[j]));
  y[square.first] = values;
  y[square.first + square.right] = values;
  y[square.first + square.below] = values;
  y[square.first + square.below + square.right] = values;
}
