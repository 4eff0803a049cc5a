#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {

struct BlendWeightsOptions {
  int inputs;       ///< pose parameters
  int outputs;      ///< blend weights
  int width = 256;  ///< of the hidden layers
  int hidden_layers = 4;
};

/// The small MLP of the pose that gives the weights of a basis: linear layers with SiLU between them. Two
/// buffers, ones at first, keep what it learns near one: each input is multiplied by its own `input_scale` (a
/// body's weights hardly depend on the face parameters, and learn better when these are small), all outputs
/// by `output_scale`.
class BlendWeightsImpl : public torch::nn::Module {
 public:
  explicit BlendWeightsImpl(const BlendWeightsOptions& options);

  /// \param poses  [N, inputs]  \return [N, outputs]
  torch::Tensor forward(const torch::Tensor& poses);

  torch::Tensor input_scale;   ///< buffer [inputs]
  torch::Tensor output_scale;  ///< buffer [1]

 private:
  torch::nn::ModuleList layers_;
};
TORCH_MODULE(BlendWeights);

/// Reads the sizes off the keys of \p state that begin with \p prefix. Throws InputError naming \p source.
BlendWeightsOptions blend_weights_options_of(const StateDict& state, const std::string& prefix,
                                             const std::string& source);

/// The tensor \p key of \p state, which must have \p dimensions dimensions, none of them empty or above 2^24.
/// Throws InputError naming \p source.
const torch::Tensor& required_tensor(const StateDict& state, const std::string& key, int dimensions,
                                     const std::string& source);

}  // namespace tha4
