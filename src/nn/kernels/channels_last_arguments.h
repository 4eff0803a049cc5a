#pragma once

// The arguments of the kernels of channels_last.cu, by name. The functions that launch them include this
// file, and the program's text begins with it, so that both sides read one declaration. Pictures are void
// pointers: how their numbers are stored differs from program to program (stored_types.cu).

namespace tha4::kernels {

/// How the blocks of a kernel share out N images of `pixels` by `channels`: block (x, y) takes the rows of
/// the chunk x of image y.
struct Extent {
  int pixels;
  int channels;
  int rows_per_chunk;
};

/// Sums and sums of squares of each channel, less its value in the first pixel, so that squares stay small.
struct SumMoments {
  static constexpr const char* kKernel = "sum_moments";
  const void* x;
  float* sums;  ///< [N, chunks, 2, channels]
  Extent extent;
};

/// The result is act(scale * (gamma * normalised(x + offset) + beta) + shift) = act(slope * x + intercept),
/// with a slope and an intercept for each image and channel. One block an image.
struct FinishMoments {
  static constexpr const char* kKernel = "finish_moments";
  const void* x;
  const float* sums;    ///< of SumMoments
  const float* offset;  ///< [channels]; may be null
  const float* gamma;   ///< [channels]
  const float* beta;    ///< [channels]
  const float* scale;   ///< [N, channels]; may be null
  const float* shift;   ///< [N, channels]; may be null
  float* slope;         ///< [N, channels], as those below
  float* intercept;
  float* mean;       ///< of each channel of x
  float* centre;     ///< what is subtracted from x
  float* deviation;  ///< the reciprocal of the group's standard deviation
  int pixels;
  int channels;
  int groups;
  int chunks;
  float epsilon;
};

/// y = act(slope * x + intercept).
struct Apply {
  static constexpr const char* kKernel = "apply";
  const void* x;
  const float* slope;
  const float* intercept;
  void* y;
  Extent extent;
  int activation;  ///< 0 none, 1 SiLU
};

/// Of the gradient dz before the activation: its sum, and that of its products with x - centre.
struct SumGradients {
  static constexpr const char* kKernel = "sum_gradients";
  const void* x;
  const void* dy;
  const float* slope;
  const float* intercept;
  const float* centre;
  float* sums;  ///< [N, chunks, 2, channels]
  Extent extent;
  int activation;
};

/// With n = deviation * (x - centre), the normalised input, and w = gamma * scale:
///   dx = deviation * (w * dz - mean(w * dz) - n * mean(w * dz * n)) = slope * dz + along * x + constant,
/// where the means are over the group. One block an image.
struct FinishGradients {
  static constexpr const char* kKernel = "finish_gradients";
  const float* sums;  ///< of SumGradients
  const float* gamma;
  const float* scale;  ///< may be null
  const float* slope;
  const float* mean;
  const float* centre;
  const float* deviation;
  float* sum_dz;  ///< [N, channels], as those below
  float* sum_dz_n;
  float* along;
  float* constant;
  float* sum_dx;
  int pixels;
  int channels;
  int groups;
  int chunks;
};

/// The gradients of what has one value a channel, or an image and channel. One thread a channel.
struct FinishParameters {
  static constexpr const char* kKernel = "finish_parameters";
  const float* sum_dz;
  const float* sum_dz_n;
  const float* sum_dx;
  const float* gamma;
  const float* beta;
  const float* scale;  ///< may be null
  float* d_offset;     ///< [channels]
  float* d_gamma;      ///< [channels]
  float* d_beta;       ///< [channels]
  float* d_scale;      ///< [N, channels]
  float* d_shift;      ///< [N, channels]
  int images;
  int channels;
};

/// dx = slope * dz + along * x + constant.
struct InputGradient {
  static constexpr const char* kKernel = "input_gradient";
  const void* x;
  const void* dy;
  const float* slope;
  const float* intercept;
  const float* along;
  const float* constant;
  void* dx;
  Extent extent;
  int activation;
};

/// y = x + bias + addition.
struct AddWithBias {
  static constexpr const char* kKernel = "add_with_bias";
  const void* x;
  const float* bias;  ///< [channels]
  const void* addition;
  void* y;
  Extent extent;
};

/// The sum of each channel over the pixels of each chunk.
struct SumChannels {
  static constexpr const char* kKernel = "sum_channels";
  const void* x;
  float* sums;  ///< [N, chunks, 2, channels], the second of two is 0
  Extent extent;
};

/// In place, x becomes relu(x + bias).
struct Rectify {
  static constexpr const char* kKernel = "rectify";
  void* x;
  const float* bias;  ///< [channels]
  Extent extent;
};

/// Each pixel of y is `factor` times the sum of the four of x that lie on it. One thread a vector of y.
struct Halve {
  static constexpr const char* kKernel = "halve";
  const void* x;
  void* y;
  float factor;
  int width;        ///< of y
  int columns;      ///< vectors of a pixel
  long long count;  ///< vectors of y
};

/// Each of the four pixels of y on one of x is `factor` times that. One thread a vector of x.
struct DoubleUp {
  static constexpr const char* kKernel = "double_up";
  const void* x;
  void* y;
  float factor;
  int width;        ///< of x
  int columns;      ///< vectors of a pixel
  long long count;  ///< vectors of x
};

}  // namespace tha4::kernels
