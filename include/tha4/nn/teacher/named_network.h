#pragma once

#include <memory>
#include <string>

#include <torch/nn/module.h>

namespace tha4 {

/// One network and the name of its official file, without the extension.
struct NamedNetwork {
  std::string name;
  std::shared_ptr<torch::nn::Module> network;
};

}  // namespace tha4
