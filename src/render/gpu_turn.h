#pragma once

#include <mutex>

#include "gl_context.h"

namespace tha4 {

/// A GPU goes from one context's drawing to another's at a price, and threads that draw at the same time make
/// it do so at every frame. On a GPU, a thread holds one of these while it draws much: others of the process
/// that draw much wait. In software it does nothing. The context is current for as long as it lives.
class GpuTurn {
 public:
  explicit GpuTurn(const GlContext& context);
  /// Waits until everything that was to be drawn is.
  ~GpuTurn();
  GpuTurn(const GpuTurn&) = delete;
  GpuTurn& operator=(const GpuTurn&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace tha4
