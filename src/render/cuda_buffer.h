#pragma once

#include <cstddef>

#include "gl_objects.h"
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace tha4 {

/// An OpenGL buffer in the memory of a CUDA device that draws. The functions for it are taken from the NVIDIA
/// driver at run time, so that building needs no CUDA toolkit. An OpenGL context must be current whenever one
/// is used, and when it is destroyed.
class CudaBuffer {
 public:
  /// Whether the current OpenGL context draws on \p device.
  static bool is_possible(c10::Device device);

  /// \p device is one that is_possible() is true for.
  explicit CudaBuffer(c10::Device device);
  ~CudaBuffer();
  CudaBuffer(const CudaBuffer&) = delete;
  CudaBuffer& operator=(const CudaBuffer&) = delete;

  /// Makes room for so many bytes; what was in it is lost if there was less.
  void fit(std::size_t bytes);

  GLuint name() const { return buffer_.name(); }

  /// Copies the start of the buffer to \p tensor, float32, contiguous, on the device, after all that OpenGL
  /// was asked to do so far. Throws Error where the driver fails.
  void copy_to(const at::Tensor& tensor) const;

 private:
  void unregister();

  c10::Device device_;
  GlBuffer buffer_;
  std::size_t bytes_ = 0;
  void* resource_ = nullptr;  ///< CUDA's name for the buffer
};

}  // namespace tha4
