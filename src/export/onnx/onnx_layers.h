#pragma once

#include "onnx/onnx_module.h"

// Layers that networks share, each with the weights of its module.

namespace tha4 {

/// A linear layer of [N, inputs].
OnnxValue linear_layer(const OnnxModule& module, const OnnxValue& x);

/// The same, but hardly anything is rounded except the result, whatever order a runtime sums in: \p x and
/// the weights are parted into a few upper bits, whose products and sums are exact in float32, and the rest.
/// For small networks that say where pixels go: a float32's own rounding, layer after layer, moves an edge by
/// as much as is seen in its colours. Takes three times the weights. Exact where \p x is within -4 and 4 for
/// up to 256 inputs.
OnnxValue exact_linear_layer(const OnnxModule& module, const OnnxValue& x);

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
/// \param layer  what makes one of them: linear_layer() or exact_linear_layer()
OnnxValue silu_layers(const OnnxModule& module, const std::vector<std::string>& layers, OnnxValue x,
                      OnnxValue (*layer)(const OnnxModule&, const OnnxValue&) = linear_layer);

/// max(x, slope * x).
OnnxValue leaky(const OnnxValue& x, double slope);

}  // namespace tha4
