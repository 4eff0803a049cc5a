#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/convolution.h"

namespace tha4 {

/// The frequency ω₀ of all sine layers of the paper's networks (SIREN, Sitzmann et al. 2020, section 3.2).
inline constexpr double kSirenFrequency = 30.0;

/// Sizes of one sine layer; inputs and outputs are at least 1.
struct SineLayerOptions {
  int inputs;
  int outputs;
  bool is_first = false;  ///< of its network: its first weights are within ±1/inputs, not ±√(6/inputs)/ω₀
  double frequency = kSirenFrequency;
};

/// x ↦ sin(ω₀ (W x + b)) at every pixel. The weights have the shape of a 1x1 convolution, [outputs, inputs,
/// 1, 1], as in the official checkpoints ("linear.weight", "linear.bias").
class SineLayerImpl : public torch::nn::Module {
 public:
  explicit SineLayerImpl(const SineLayerOptions& options);

  /// \param x  [..., inputs]
  /// \return [..., outputs]
  torch::Tensor forward(const torch::Tensor& x);

  /// sin(ω₀ x), in place where no gradient is recorded.
  torch::Tensor activate(torch::Tensor x) const;

  /// W as [outputs, inputs], and b [outputs].
  torch::Tensor weight() const;
  torch::Tensor bias() const { return linear_->bias(); }

 private:
  SineLayerOptions options_;
  Convolution linear_;
};
TORCH_MODULE(SineLayer);

/// The linear layer after the last sine layer: a 1x1 convolution with normal weights of variance 2/inputs.
Convolution make_siren_output_layer(int inputs, int outputs);

/// Applies a 1x1 convolution to pixels in rows, in their precision: [..., inputs] ↦ [..., outputs].
torch::Tensor apply_to_pixels(const Convolution& layer, const torch::Tensor& pixels);

}  // namespace tha4
