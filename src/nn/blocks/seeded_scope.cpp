#include "tha4/nn/blocks/seeded_scope.h"

#include <mutex>

#include <ATen/CPUGeneratorImpl.h>

namespace tha4 {

SeededScope::SeededScope(std::uint64_t seed) : generator_(at::detail::getDefaultCPUGenerator()) {
  const std::lock_guard lock(generator_.mutex());
  state_before_ = generator_.get_state();
  generator_.set_current_seed(seed);
}

SeededScope::~SeededScope() {
  const std::lock_guard lock(generator_.mutex());
  generator_.set_state(state_before_);
}

}  // namespace tha4
