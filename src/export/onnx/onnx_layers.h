#pragma once

#include "onnx/onnx_module.h"

// Layers that networks share, each with the weights of its module.

namespace tha4 {

/// A linear layer of [N, inputs].
OnnxValue linear_layer(const OnnxModule& module, const OnnxValue& x);

/// A convolution that is padded as tha4/nn/blocks/convolution.h says; its bias where it has one.
OnnxValue convolution(const OnnxModule& module, const OnnxValue& x, std::int64_t stride = 1);

/// A transposed convolution of size 4 that doubles the resolution.
OnnxValue transposed_convolution(const OnnxModule& module, const OnnxValue& x);

/// Instance norm with scale and shift.
OnnxValue instance_norm(const OnnxModule& module, const OnnxValue& x);

/// Group norm as of tha4's U-Nets, its scale and shift followed by those given, [channels] each, where there
/// are some.
OnnxValue group_norm(const OnnxModule& module, const OnnxValue& x, const at::Tensor& scale = {},
                     const at::Tensor& shift = {});

/// Linear layers with SiLU between them.
OnnxValue silu_layers(const OnnxModule& module, const std::vector<std::string>& layers, OnnxValue x);

/// max(x, slope * x).
OnnxValue leaky(const OnnxValue& x, double slope);

}  // namespace tha4
