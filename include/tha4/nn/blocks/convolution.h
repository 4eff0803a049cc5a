#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace tha4 {

/// How the weights of a new convolution are drawn.
enum class WeightInit {
  standard,  ///< uniform, as PyTorch's own layers
  he,        ///< normal of variance 2 / fan-in (He et al. 2015); the bias as in `standard`
  zero       ///< weights and bias 0
};

/// While one of these lives, convolutions and the students' layers that this thread makes leave their
/// parameters unset: for networks that a checkpoint is about to fill, where drawing 160 million random
/// numbers would only cost time.
class SkipInitialization {
 public:
  SkipInitialization();
  ~SkipInitialization();
  SkipInitialization(const SkipInitialization&) = delete;
  SkipInitialization& operator=(const SkipInitialization&) = delete;

  /// Whether one lives on this thread: for other layers than convolutions.
  static bool is_active();

 private:
  bool before_;
};

/// Shape and initialisation of one convolution; all sizes are at least 1.
struct ConvolutionOptions {
  std::int64_t inputs;
  std::int64_t outputs;
  std::int64_t kernel = 3;  ///< padded so that stride 1 keeps the size, and kernel 4 with stride 2 halves it
  std::int64_t stride = 1;
  bool bias = true;
  bool transposed = false;  ///< kernel 4 with stride 2 then doubles the size
  WeightInit init = WeightInit::standard;
};

/// A two-dimensional convolution with the parameters `weight` and `bias` of torch::nn::Conv2d or
/// ConvTranspose2d. Unlike those it draws its parameters once, by the method asked for, or not at all.
class ConvolutionImpl : public torch::nn::Module {
 public:
  explicit ConvolutionImpl(const ConvolutionOptions& options);

  /// [N, inputs, H, W] to [N, outputs, H', W'].
  at::Tensor forward(const at::Tensor& x);

  /// forward() but for the bias, for who adds bias() along with something else.
  at::Tensor forward_without_bias(const at::Tensor& x);

  /// [outputs, inputs, kernel, kernel]; of a transposed one, inputs before outputs.
  const at::Tensor& weight() const { return weight_; }

  /// [outputs]; undefined where there is none.
  const at::Tensor& bias() const { return bias_; }

  /// The type that the parameters have now.
  at::ScalarType scalar_type() const { return weight_.scalar_type(); }

 private:
  void initialize();
  at::Tensor convolve(const at::Tensor& x, const at::Tensor& bias) const;

  ConvolutionOptions options_;
  at::Tensor weight_;
  at::Tensor bias_;
};
TORCH_MODULE(Convolution);

}  // namespace tha4
