#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>
#include <torch/nn/module.h>

namespace tha4 {

/// Moves \p network to \p device and its floating-point parameters and buffers to \p type. Indices stay
/// integers, which Module::to() would turn into \p type as well.
void move_network(torch::nn::Module& network, c10::Device device, c10::ScalarType type);

}  // namespace tha4
