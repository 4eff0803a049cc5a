#include "tha4/nn/blocks/network_precision.h"

#include <torch/nn/module.h>
#include <torch/types.h>

namespace tha4 {

void move_network(torch::nn::Module& network, c10::Device device, c10::ScalarType type) {
  const auto move = [&](torch::Tensor& tensor) {
    tensor.set_data(tensor.is_floating_point() ? tensor.to(device, type) : tensor.to(device));
  };
  for (torch::Tensor& parameter : network.parameters()) move(parameter);
  for (torch::Tensor& buffer : network.buffers()) move(buffer);
}

}  // namespace tha4
