#include "restore_tensors.h"

#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {

void restore_tensors(const StateDict& own, const StateDict& state, const std::string& source) {
  const torch::NoGradGuard no_grad;
  for (const auto& item : own) {
    const at::Tensor* stored = state.find(item.key());
    if (stored == nullptr || stored->sizes() != item.value().sizes()) {
      throw InputError(source + ": " + item.key() +
                       " does not fit the network; the checkpoint is of another run");
    }
  }
  for (const auto& item : own) {
    at::Tensor target = item.value();
    target.copy_(state[item.key()]);
  }
}

}  // namespace tha4
