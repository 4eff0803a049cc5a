#pragma once

#include <cstdint>

#include <torch/nn/module.h>

namespace tha4 {

/// How many numbers are learnt in \p network.
std::int64_t count_parameters(const torch::nn::Module& network);

}  // namespace tha4
