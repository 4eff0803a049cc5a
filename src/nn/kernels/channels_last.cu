// Passes over pictures that are stored channels-last: N images of `pixels` by `channels`. Group norm with all
// that surrounds it in a residual block, forward and backward, and what follows convolutions. Every sum is
// taken in a fixed order, so that results can be repeated to the last bit.
//
// Blocks of kThreads threads share the rows of a chunk of an image. A thread keeps to one vector of channels,
// whose coefficients it holds in registers, and goes down the rows.

constexpr int kThreads = 256;
constexpr int kMostChannels = kThreads * kVector;

/// The rows and the channels of one thread.
struct Place {
  __device__ Place(int pixels, int channels, int rows_per_chunk) {
    columns = channels / kVector;
    column = threadIdx.x % columns;
    lane = threadIdx.x / columns;
    lanes = kThreads / columns;
    const int first_of_chunk = blockIdx.x * rows_per_chunk;
    row = first_of_chunk + lane;
    end = lane < lanes ? min(pixels, first_of_chunk + rows_per_chunk) : 0;
    image = static_cast<size_t>(blockIdx.y) * pixels * columns;
    coefficients = blockIdx.y * channels + column * kVector;
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

/// Sums and sums of squares of each channel, less its value in the first pixel, so that squares stay small.
extern "C" __global__ void __launch_bounds__(kThreads)
    sum_moments(const Vector* x, float* sums, int pixels, int channels, int rows_per_chunk) {
  const Place place(pixels, channels, rows_per_chunk);
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
  write_sums(place, sum, squares, sums, channels);
}

/// The result is act(scale * (gamma * normalised(x + offset) + beta) + shift) = act(slope * x + intercept),
/// with a slope and an intercept for each image and channel. One block an image. `offset`, `scale` and
/// `shift` may be null.
extern "C" __global__ void __launch_bounds__(kThreads)
    finish_moments(const Stored* x, const float* sums, const float* offset, const float* gamma,
                   const float* beta, const float* scale, const float* shift, float* slope, float* intercept,
                   float* mean, float* centre, float* deviation, int pixels, int channels, int groups,
                   int chunks, float epsilon) {
  __shared__ float means[kMostChannels], squares[kMostChannels];
  const int image = blockIdx.x * channels;
  for (int channel = threadIdx.x; channel < channels; channel += kThreads) {
    const float sum = sum_of_chunks(sums, chunks, channels, 0, channel);
    const float origin = to_float(x[static_cast<size_t>(image) * pixels + channel]);
    const float raw = origin + sum / pixels;
    mean[image + channel] = raw;
    means[channel] = raw + (offset != nullptr ? offset[channel] : 0);
    squares[channel] = fmaxf(sum_of_chunks(sums, chunks, channels, 1, channel) - sum * (sum / pixels), 0);
  }
  __syncthreads();
  const int size = channels / groups;
  for (int channel = threadIdx.x; channel < channels; channel += kThreads) {
    const int first = channel / size * size;
    float group_mean = 0, group_squares = 0;
    for (int i = first; i < first + size; ++i) group_mean += means[i];
    group_mean /= size;
    for (int i = first; i < first + size; ++i) {
      const float distance = means[i] - group_mean;
      group_squares += squares[i] + pixels * distance * distance;
    }
    const float rate = rsqrtf(group_squares / (static_cast<float>(size) * pixels) + epsilon);
    const float own_scale = scale != nullptr ? scale[image + channel] : 1;
    const float own_shift = shift != nullptr ? shift[image + channel] : 0;
    const float own_centre = group_mean - (offset != nullptr ? offset[channel] : 0);
    const float own_slope = rate * gamma[channel] * own_scale;
    centre[image + channel] = own_centre;
    deviation[image + channel] = rate;
    slope[image + channel] = own_slope;
    intercept[image + channel] = beta[channel] * own_scale + own_shift - own_slope * own_centre;
  }
}

extern "C" __global__ void __launch_bounds__(kThreads)
    apply(const Vector* x, const float* slope, const float* intercept, Vector* y, int pixels, int channels,
          int rows_per_chunk, int activation) {
  const Place place(pixels, channels, rows_per_chunk);
  const Coefficients a(slope + place.coefficients), b(intercept + place.coefficients);
#pragma unroll 4
  for (int row = place.row; row < place.end; row += place.lanes) {
    Vector values = x[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      values.values[i] = to_stored(activated(a.of[i] * to_float(values.values[i]) + b.of[i], activation));
    }
    y[place.at(row)] = values;
  }
}

/// Of the gradient dz before the activation: its sum, and that of its products with x - centre.
extern "C" __global__ void __launch_bounds__(kThreads)
    sum_gradients(const Vector* x, const Vector* dy, const float* slope, const float* intercept,
                  const float* centre, float* sums, int pixels, int channels, int rows_per_chunk,
                  int activation) {
  const Place place(pixels, channels, rows_per_chunk);
  const Coefficients a(slope + place.coefficients), b(intercept + place.coefficients),
      middle(centre + place.coefficients);
  float sum[kVector] = {}, products[kVector] = {};
#pragma unroll 2
  for (int row = place.row; row < place.end; row += place.lanes) {
    const Vector values = x[place.at(row)], gradients = dy[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      const float value = to_float(values.values[i]);
      const float dz = to_float(gradients.values[i]) * slope_at(a.of[i] * value + b.of[i], activation);
      sum[i] += dz;
      products[i] += dz * (value - middle.of[i]);
    }
  }
  write_sums(place, sum, products, sums, channels);
}

/// With n = deviation * (x - centre), the normalised input, and w = gamma * scale:
///   dx = deviation * (w * dz - mean(w * dz) - n * mean(w * dz * n)) = slope * dz + along * x + constant,
/// where the means are over the group. One block an image.
extern "C" __global__ void __launch_bounds__(kThreads)
    finish_gradients(const float* sums, const float* gamma, const float* scale, const float* slope,
                     const float* mean, const float* centre, const float* deviation, float* sum_dz,
                     float* sum_dz_n, float* along, float* constant, float* sum_dx, int pixels, int channels,
                     int groups, int chunks) {
  __shared__ float weighted[kMostChannels], weighted_n[kMostChannels];
  const int image = blockIdx.x * channels;
  for (int channel = threadIdx.x; channel < channels; channel += kThreads) {
    const int i = image + channel;
    const float sum = sum_of_chunks(sums, chunks, channels, 0, channel);
    const float sum_n = sum_of_chunks(sums, chunks, channels, 1, channel) * deviation[i];
    const float weight = gamma[channel] * (scale != nullptr ? scale[i] : 1);
    sum_dz[i] = sum;
    sum_dz_n[i] = sum_n;
    weighted[channel] = weight * sum;
    weighted_n[channel] = weight * sum_n;
  }
  __syncthreads();
  const int size = channels / groups;
  for (int channel = threadIdx.x; channel < channels; channel += kThreads) {
    const int i = image + channel;
    const int first = channel / size * size;
    float group = 0, group_n = 0;
    for (int member = first; member < first + size; ++member) {
      group += weighted[member];
      group_n += weighted_n[member];
    }
    const float count = static_cast<float>(size) * pixels;
    const float rate = deviation[i];
    const float own_along = -rate * rate * (group_n / count);
    const float own_constant = -rate * (group / count) - own_along * centre[i];
    along[i] = own_along;
    constant[i] = own_constant;
    sum_dx[i] = slope[i] * sum_dz[i] + pixels * (own_along * (mean[i] - centre[i]) - rate * (group / count));
  }
}

/// The gradients of what has one value a channel, or an image and channel. One thread a channel.
extern "C" __global__ void __launch_bounds__(kThreads)
    finish_parameters(const float* sum_dz, const float* sum_dz_n, const float* sum_dx, const float* gamma,
                      const float* beta, const float* scale, float* d_offset, float* d_gamma, float* d_beta,
                      float* d_scale, float* d_shift, int images, int channels) {
  const int channel = blockIdx.x * kThreads + threadIdx.x;
  if (channel >= channels) return;
  float offset_sum = 0, gamma_sum = 0, beta_sum = 0;
  for (int image = 0; image < images; ++image) {
    const int i = image * channels + channel;
    const float own_scale = scale != nullptr ? scale[i] : 1;
    offset_sum += sum_dx[i];
    gamma_sum += sum_dz_n[i] * own_scale;
    beta_sum += sum_dz[i] * own_scale;
    d_scale[i] = sum_dz_n[i] * gamma[channel] + sum_dz[i] * beta[channel];
    d_shift[i] = sum_dz[i];
  }
  d_offset[channel] = offset_sum;
  d_gamma[channel] = gamma_sum;
  d_beta[channel] = beta_sum;
}

extern "C" __global__ void __launch_bounds__(kThreads)
    input_gradient(const Vector* x, const Vector* dy, const float* slope, const float* intercept,
                   const float* along, const float* constant, Vector* dx, int pixels, int channels,
                   int rows_per_chunk, int activation) {
  const Place place(pixels, channels, rows_per_chunk);
  const Coefficients a(slope + place.coefficients), b(intercept + place.coefficients),
      c(along + place.coefficients), d(constant + place.coefficients);
#pragma unroll 2
  for (int row = place.row; row < place.end; row += place.lanes) {
    const Vector values = x[place.at(row)];
    Vector gradients = dy[place.at(row)];
    for (int i = 0; i < kVector; ++i) {
      const float value = to_float(values.values[i]);
      const float dz = to_float(gradients.values[i]) * slope_at(a.of[i] * value + b.of[i], activation);
      gradients.values[i] = to_stored(a.of[i] * dz + c.of[i] * value + d.of[i]);
    }
    dx[place.at(row)] = gradients;
  }
}

/// x + bias + addition; `bias` has one value a channel.
extern "C" __global__ void __launch_bounds__(kThreads)
    add_with_bias(const Vector* x, const float* bias, const Vector* addition, Vector* y, int pixels,
                  int channels, int rows_per_chunk) {
  const Place place(pixels, channels, rows_per_chunk);
  const Coefficients b(bias + place.column * kVector);
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

/// The sum of each channel over the chunks' pixels; the second half of the sums is 0.
extern "C" __global__ void __launch_bounds__(kThreads)
    sum_channels(const Vector* x, float* sums, int pixels, int channels, int rows_per_chunk) {
  const Place place(pixels, channels, rows_per_chunk);
  float sum[kVector] = {};
  const float nothing[kVector] = {};
#pragma unroll 4
  for (int row = place.row; row < place.end; row += place.lanes) {
    const Vector values = x[place.at(row)];
    for (int i = 0; i < kVector; ++i) sum[i] += to_float(values.values[i]);
  }
  write_sums(place, sum, nothing, sums, channels);
}

/// In place, x becomes relu(x + bias); `bias` has one value a channel.
extern "C" __global__ void __launch_bounds__(kThreads)
    rectify(Vector* x, const float* bias, int pixels, int channels, int rows_per_chunk) {
  const Place place(pixels, channels, rows_per_chunk);
  const Coefficients b(bias + place.column * kVector);
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

/// Each pixel of y is `factor` times the sum of the four of x that lie on it. `count` is the number of
/// vectors of y, and `width` its width.
extern "C" __global__ void __launch_bounds__(kThreads)
    halve(const Vector* x, Vector* y, float factor, int width, int columns, long long count) {
  const long long i = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const Square square(i, width, columns);
  const Vector a = x[square.first], b = x[square.first + square.right], c = x[square.first + square.below],
               d = x[square.first + square.below + square.right];
  Vector result;
  for (int j = 0; j < kVector; ++j) {
    result.values[j] = to_stored(factor * (to_float(a.values[j]) + to_float(b.values[j]) +
                                           to_float(c.values[j]) + to_float(d.values[j])));
  }
  y[i] = result;
}

/// Each of the four pixels of y on one of x is `factor` times that. `count` is the number of vectors of x,
/// and `width` its width.
extern "C" __global__ void __launch_bounds__(kThreads)
    double_up(const Vector* x, Vector* y, float factor, int width, int columns, long long count) {
  const long long i = static_cast<long long>(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= count) return;
  const Square square(i, width, columns);
  Vector values = x[i];
  for (int j = 0; j < kVector; ++j) values.values[j] = to_stored(factor * to_float(values.values[j]));
  y[square.first] = values;
  y[square.first + square.right] = values;
  y[square.first + square.below] = values;
  y[square.first + square.below + square.right] = values;
}
