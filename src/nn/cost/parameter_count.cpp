#include "tha4/nn/cost/parameter_count.h"

#include <torch/types.h>

namespace tha4 {

std::int64_t count_parameters(const torch::nn::Module& network) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : network.parameters()) count += parameter.numel();
  return count;
}

}  // namespace tha4
