#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "map_convolution_arguments.h"
#include "map_convolution_layout.h"
#include "map_planes_arguments.h"
#include "map_weights.h"
#include <ATen/core/Tensor.h>

#include "tha4/base/cuda_program.h"

namespace tha4 {

/// Places of the kernel of map_convolution.cu: its TAPS.
int map_taps(const at::Tensor& weights, MapWeights kind);

/// Weights as that kernel reads them: [places][inputs / 16][outputs / 8][2][8][8], where the places of each
/// of 2x2 results, or of each of 2x2 pixels, follow each other. Inputs are padded to sixteens, outputs by
/// padded_map_outputs().
at::Tensor pack_map_weights(const at::Tensor& weights, MapWeights kind, at::ScalarType type);

/// The program of a layout, of either kernel, compiled when it is first launched.
/// \param type  of the numbers: float16 or bfloat16
std::unique_ptr<CudaProgram> map_convolution_program(const MapConvolutionLayout& layout, at::ScalarType type);

/// The program of map_settlement.cu.
std::unique_ptr<CudaProgram> map_settlement_program(at::ScalarType type);

/// The program of map_planes.cu.
std::unique_ptr<CudaProgram> map_planes_program(at::ScalarType type);

/// Convolutions of maps on a GPU. Safe to use from several threads. Tests look at what is launched.
class GpuConvolutions {
 public:
  /// Throws Error where there is no GPU that kernels can be compiled for.
  GpuConvolutions(c10::Device device, at::ScalarType type);
  virtual ~GpuConvolutions() = default;
  GpuConvolutions(const GpuConvolutions&) = delete;
  GpuConvolutions& operator=(const GpuConvolutions&) = delete;

  /// How a convolution is shared out: measured_layout(), or else best_layout().
  MapConvolutionLayout layout_of(const MapConvolutionShape& shape) const;

  /// Queues a convolution.
  /// \param groups  of the norm of its inputs
  virtual void launch(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
                      kernels::MapConvolution arguments);

  /// Queues a settlement of as many images.
  void launch(int images, const kernels::MapSettlement& arguments);

  /// Queue the making of maps from planes, and of planes from maps.
  void launch(const kernels::ReadPlanes& arguments);
  void launch(const kernels::WritePlanes& arguments);

  /// Compiles the programs of \p layouts that no launch has needed yet, by as many threads as there are.
  void compile(const std::set<MapConvolutionLayout>& layouts);

  c10::Device device() const { return device_; }
  at::ScalarType type() const { return type_; }
  const CudaLimits& limits() const { return limits_; }

 private:
  const CudaProgram& program(const MapConvolutionLayout& layout);
  const CudaProgram& planes_program();

  c10::Device device_;
  at::ScalarType type_;
  CudaLimits limits_;
  std::mutex mutex_;
  std::map<MapConvolutionLayout, std::unique_ptr<CudaProgram>> programs_;
  std::unique_ptr<CudaProgram> settlement_, planes_;
};

}  // namespace tha4
