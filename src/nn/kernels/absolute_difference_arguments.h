#pragma once

// The arguments of the kernels of absolute_difference.cu, by name; see channels_last_arguments.h.

namespace tha4::kernels {

/// Sums of |a - b|, one for each block, each in a fixed order.
struct SumDifferences {
  static constexpr const char* kKernel = "sum_differences";
  const void* a;
  const void* b;
  float* sums;      ///< [blocks]
  long long count;  ///< vectors of a
};

/// da is the sign of a - b times factor * (*gradient).
struct DifferenceGradient {
  static constexpr const char* kKernel = "difference_gradient";
  const void* a;
  const void* b;
  const float* gradient;
  float factor;
  void* da;
  long long count;  ///< vectors of a
};

}  // namespace tha4::kernels
