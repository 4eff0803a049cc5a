#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/pimpl.h>

namespace tha4 {

/// The frequency ω₀ of all sine layers of the paper's networks (SIREN, Sitzmann et al. 2020, section 3.2).
inline constexpr double kSirenFrequency = 30.0;

struct SineLayerOptions {
  int inputs;
  int outputs;
  bool is_first =
      false;  ///< of its network: initialised with weights of ±1/inputs instead of ±√(6/inputs)/ω₀
  double frequency = kSirenFrequency;
};

/// x ↦ sin(ω₀ (W x + b)) at every pixel. The weights have the shape of a 1x1 convolution, [outputs, inputs,
/// 1, 1], as in the official checkpoints ("linear.weight", "linear.bias").
class SineLayerImpl : public torch::nn::Module {
 public:
  explicit SineLayerImpl(const SineLayerOptions& options);

  /// \param x  [..., inputs]  \return [..., outputs]
  torch::Tensor forward(const torch::Tensor& x);

  /// sin(ω₀ x), in place where no gradient is recorded.
  torch::Tensor activate(torch::Tensor x) const;

  /// W as [outputs, inputs], and b [outputs].
  torch::Tensor weight() const;
  torch::Tensor bias() const { return linear_->bias; }

 private:
  SineLayerOptions options_;
  torch::nn::Conv2d linear_;
};
TORCH_MODULE(SineLayer);

/// The linear layer after the last sine layer: a 1x1 convolution with normal weights of variance 2/inputs.
torch::nn::Conv2d make_siren_output_layer(int inputs, int outputs);

/// Applies a 1x1 convolution to pixels in rows: [..., inputs] ↦ [..., outputs].
torch::Tensor apply_to_pixels(const torch::nn::Conv2d& layer, const torch::Tensor& pixels);

}  // namespace tha4
