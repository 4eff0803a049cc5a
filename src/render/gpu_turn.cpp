#include "gpu_turn.h"

#include <epoxy/gl.h>

namespace tha4 {
namespace {

std::mutex& gpu_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

GpuTurn::GpuTurn(const GlContext& context) {
  if (!context.draws_in_software()) lock_ = std::unique_lock(gpu_mutex());
}

GpuTurn::~GpuTurn() {
  if (lock_) glFinish();
}

}  // namespace tha4
