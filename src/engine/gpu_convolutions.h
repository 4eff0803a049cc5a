#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "map_convolution_arguments.h"
#include "map_convolution_layout.h"
#include <ATen/core/Tensor.h>

#include "tha4/base/cuda_program.h"

namespace tha4 {

/// Weights as the kernel of map_convolution.cu reads them: [taps][inputs / 16][outputs / 8][2][8][8], or [4]
/// [4][...] where pixels count as 2x2, of each of the four kinds of results.
/// \param weights  float [outputs, inputs, 3, 3] or [outputs, inputs, 1, 1]; inputs are padded to sixteens,
///                 outputs by padded_map_outputs()
at::Tensor pack_map_weights(const at::Tensor& weights, bool doubles, at::ScalarType type);

/// The program of a layout, compiled when it is first launched.
/// \param type  of the numbers: float16 or bfloat16
std::unique_ptr<CudaProgram> map_convolution_program(const MapConvolutionLayout& layout, at::ScalarType type);

/// Convolutions of maps on a GPU. Safe to use from several threads.
class GpuConvolutions {
 public:
  /// Throws Error where there is no GPU that kernels can be compiled for.
  GpuConvolutions(c10::Device device, at::ScalarType type);

  /// Queues a convolution. \param groups  of the norm of its inputs
  void launch(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
              kernels::MapConvolution arguments);

  c10::Device device() const { return device_; }
  at::ScalarType type() const { return type_; }
  const CudaLimits& limits() const { return limits_; }

 private:
  const CudaProgram& program(const MapConvolutionLayout& layout);

  c10::Device device_;
  at::ScalarType type_;
  CudaLimits limits_;
  std::mutex mutex_;
  std::map<MapConvolutionLayout, std::unique_ptr<CudaProgram>> programs_;
};

}  // namespace tha4
