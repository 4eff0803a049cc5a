#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/weight_shapes.h"

namespace tha4 {

/// The most blend weights that one MLP gives.
inline constexpr std::int64_t kMaxBlendWeights = 1 << 16;

/// Sizes of the MLP of a basis.
struct BlendWeightsOptions {
  int inputs;       ///< pose parameters
  int outputs;      ///< blend weights
  int width = 256;  ///< of the hidden layers
  int hidden_layers = 4;
};

/// The small MLP of the pose that gives the weights of a basis: linear layers with SiLU between them. Two
/// buffers, ones at first, keep what it learns near one: each input is multiplied by its own `input_scale` (a
/// body's weights hardly depend on the face parameters, and learn better when these are small), all outputs
/// by `output_scale`. Without gradients it is computed in double precision, and its result is rounded: what a
/// float32 loses, layer after layer, would move edges of the body by as much as is seen in their colours.
class BlendWeightsImpl : public torch::nn::Module {
 public:
  explicit BlendWeightsImpl(const BlendWeightsOptions& options);

  /// \param poses  [N, inputs]
  /// \return [N, outputs]
  torch::Tensor forward(const torch::Tensor& poses);

  torch::Tensor input_scale;   ///< buffer [inputs]
  torch::Tensor output_scale;  ///< buffer [1]

 private:
  torch::nn::ModuleList layers_;
};
TORCH_MODULE(BlendWeights);

/// Reads width and number of the hidden layers off \p shapes and checks that the last layer gives \p outputs
/// blend weights. Throws InputError.
BlendWeightsOptions blend_weights_options_of(const WeightShapes& shapes, int inputs, std::int64_t outputs);

}  // namespace tha4
