#include "tha4/nn/blocks/convolution.h"

#include <cmath>

#include <torch/nn/init.h>
#include <torch/types.h>

namespace tha4 {
namespace {

thread_local bool skip_initialization = false;

}  // namespace

SkipInitialization::SkipInitialization() : before_(skip_initialization) {
  skip_initialization = true;
}

SkipInitialization::~SkipInitialization() {
  skip_initialization = before_;
}

bool SkipInitialization::is_active() {
  return skip_initialization;
}

ConvolutionImpl::ConvolutionImpl(const ConvolutionOptions& options) : options_(options) {
  const auto kernel = options.kernel;
  const std::int64_t first = options.transposed ? options.inputs : options.outputs;
  const std::int64_t second = options.transposed ? options.outputs : options.inputs;
  weight_ = register_parameter("weight", torch::empty({first, second, kernel, kernel}));
  if (options.bias) bias_ = register_parameter("bias", torch::empty({options.outputs}));
  if (!skip_initialization) initialize();
}

void ConvolutionImpl::initialize() {
  const torch::NoGradGuard no_grad;
  if (options_.init == WeightInit::zero) {
    weight_.zero_();
    if (bias_.defined()) bias_.zero_();
    return;
  }
  if (options_.init == WeightInit::he) {
    torch::nn::init::kaiming_normal_(weight_);
  } else {
    torch::nn::init::kaiming_uniform_(weight_, std::sqrt(5.0));
  }
  if (bias_.defined()) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(weight_.size(1) * weight_[0][0].numel()));
    bias_.uniform_(-bound, bound);
  }
}

at::Tensor ConvolutionImpl::convolve(const at::Tensor& x, const at::Tensor& bias) const {
  const std::int64_t padding = (options_.kernel - 1) / 2;
  if (options_.transposed) return torch::conv_transpose2d(x, weight_, bias, options_.stride, padding);
  return torch::conv2d(x, weight_, bias, options_.stride, padding);
}

at::Tensor ConvolutionImpl::forward(const at::Tensor& x) {
  return convolve(x, bias_);
}

at::Tensor ConvolutionImpl::forward_without_bias(const at::Tensor& x) {
  return convolve(x, {});
}

}  // namespace tha4
