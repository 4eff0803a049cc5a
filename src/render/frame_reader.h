#pragma once

#include <memory>

#include "gl_objects.h"
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/image/region.h"

namespace tha4 {

class CudaBuffer;

/// Brings pictures from OpenGL into tensors. Where OpenGL draws on the CUDA device of the tensors, they stay
/// on it; otherwise they go through the host's memory. An OpenGL context must be current whenever it is used,
/// and when it is destroyed.
class FrameReader {
 public:
  explicit FrameReader(c10::Device device);
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  /// Fills \p planes, float32 [C, region.height, region.width], contiguous, on the device of this reader,
  /// with the pictures \p first, first + 1, ... of \p target, which are of the format GL_R32F.
  void read(const GlTarget& target, std::size_t first, const Region& region, const at::Tensor& planes);

  /// Whether pictures stay on the device.
  bool is_direct() const { return buffer_ != nullptr; }

 private:
  c10::Device device_;
  std::unique_ptr<CudaBuffer> buffer_;
};

}  // namespace tha4
